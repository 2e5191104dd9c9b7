"""A manager's day among a thousand dossiers: examine, correct, decide for many, release, recall, call the next, print, export, count."""

import email
import re
import sqlite3
import time
from email.policy import default
from pathlib import Path

import openpyxl
import pytest

from app.operations.demonstration.cast import CANDIDATE_HOST, CANDIDATE_SECRET
from tests import services
from tests.browser.conftest import LONG, downloaded, ended, installed, manager, start, undone, violations
from tests.browser.test_letters_journey import sign_in
from tests.browser.test_seats import call_by_a_withdrawal

pytestmark = pytest.mark.browser
THOUSAND = 1000
LIST = "/gestion/candidature/"
MANON = f"manon.leclerc@{CANDIDATE_HOST}"  # her favourable opinion is validated, in the formation decided here
DRAFTED = "SELECT count(*) FROM decision WHERE stage = ?"
FORMATION = """SELECT o.id, f.name FROM offering o JOIN formation f ON f.id = o.formation_id JOIN candidature c ON c.offering_id = o.id
    JOIN user_account u ON u.candidate_id = c.candidate_id WHERE u.email = ?"""
COMPLETE = "FROM candidature c WHERE c.offering_id = ? AND c.file_status = 'COMPLETE' AND c.cancelled_at IS NULL"
BUSY = f"SELECT count(*) {COMPLETE} AND EXISTS (SELECT 1 FROM decision d WHERE d.candidature_id = c.id AND d.stage = 'VALIDATED')"
WRITTEN_TO = """SELECT u.email FROM job_line l JOIN job j ON j.id = l.job_id JOIN candidature c ON c.id = l.candidature_id
    JOIN user_account u ON u.candidate_id = c.candidate_id WHERE l.state = 'DONE' AND j.public_id = ?"""
FIGURES = """SELECT count(DISTINCT candidate_id), count(*) FILTER (WHERE cancelled_at IS NULL),
    count(*) FILTER (WHERE transmitted_at IS NOT NULL), count(*) FILTER (WHERE outcome = 'ADMITTED'),
    count(*) FILTER (WHERE answer = 'CONFIRMED') FROM candidature WHERE campaign_id = (SELECT id FROM campaign WHERE is_running)"""
STATUSES = "SELECT file_status, count(*) FROM candidature WHERE cancelled_at IS NULL GROUP BY file_status"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """An installation of this file's own, whose thousand candidatures disturb no other."""
    with services.redis() as redis, installed(tmp_path_factory.mktemp("day"), redis.url, candidatures=THOUSAND) as running:
        yield running


def rows(stack, statement, *values):
    """Return what the database of the installation holds."""
    with sqlite3.connect(f"file:{stack.folder / 'postulo.sqlite'}?mode=ro", uri=True) as base:
        return base.execute(statement, values).fetchall()


def one(stack, statement, *values):
    return rows(stack, statement, *values)[0][0]


def seen(page):
    """Let axe look at a stop of the walk."""
    assert violations(page) == []


def count_of(page):
    """Return the count that the list says, once it has come."""
    page.locator("#count", has_text=re.compile(r"\d")).wait_for()
    return int(re.sub(r"\D", "", page.locator("#count").inner_text()))


def done_on(page):
    """Return (done, refused) of the preview or job shown."""
    figures = [int(text) for text in page.locator("#bulk .figure").all_inner_texts()]
    return tuple([*figures, 0][:2])


def mails_about(stack, subject):
    """Return the recipients of the messages whose subject holds some words."""
    messages = [(to, email.message_from_string(content, policy=default)["Subject"]) for to, content in stack.sink.messages]
    return sorted(to for to, words in messages if subject in words)


def test_a_managers_day_among_a_thousand_dossiers(visit, stack):
    page = manager(visit)
    page.wait_for_url("**/gestion/**")
    assert one(stack, "SELECT count(*) FROM candidature") > THOUSAND
    examine_from_the_inbox(page, stack)
    offering, formation = rows(stack, FORMATION, MANON)[0]
    address, listed = find_the_complete(page, stack, offering, formation)
    proposed = decide(page, stack, address, offering, listed)
    waiting_before = one(stack, DRAFTED, "VALIDATED")
    validate(page, address, proposed, listed)
    assert one(stack, DRAFTED, "VALIDATED") == waiting_before + proposed
    release_recall_and_release(visit, page, stack, waiting_before + proposed, formation)
    call_by_a_withdrawal(visit, stack, page)
    print_a_letter(visit, page)
    export(page, address, listed)
    compare_the_statistics(page, stack)


def examine_from_the_inbox(page, stack):
    """The sentence of the inbox leads to the list; the first dossier has a piece validated, another refused, and goes back."""
    seen(page)
    sentence = page.get_by_role("link", name=re.compile(r"^\d+ dossiers à examiner$"))
    promised = int(sentence.inner_text().split()[0])
    sentence.click()
    page.wait_for_url("**tab=a-examiner**")
    assert count_of(page) == promised == one(stack, "SELECT count(*) FROM candidature WHERE file_status = 'RECEIVED' AND cancelled_at IS NULL")
    seen(page)
    page.locator("table tbody th a").first.click()
    wait_for_checked_files(page)
    seen(page)
    validated = current(page)
    page.locator("#validate-shown").click()
    piece(page, validated, "Validée")
    if current(page) == validated:
        page.locator("#piece-after").click()
        page.wait_for_function("name => document.querySelector('.piece-list .current a').innerText !== name", arg=validated)
    refused = current(page)
    page.locator("summary", has_text="Refuser cette pièce").click()
    page.locator("#shown-comment-canned").select_option(index=1)
    comment = page.locator("#shown-comment").input_value()
    page.locator("#refuse-shown").click()
    piece(page, refused, "Refusée")
    page.locator("#file summary", has_text="Demander des corrections").click()
    page.locator("#file").get_by_role("button", name="Demander des corrections").click()
    page.locator(".desk-head .tag", has_text="Incomplet").wait_for()
    seen(page)
    public_id = re.search(r"/candidature/(?:dossier/)?([^/?#]{20,})", page.url)[1]
    address = one(stack, "SELECT u.email FROM candidature c JOIN user_account u USING (candidate_id) WHERE c.public_id = ?", public_id)
    _message, text = stack.sink.wait_for(address, refused)
    assert " ".join(comment.split()) in " ".join(text.split()) and validated not in text


def wait_for_checked_files(page):
    """Wait until the worker has checked the files of the dossier."""
    page.wait_for_selector("#pieces")
    end = time.monotonic() + 60
    while page.locator("#pieces .tag", has_text="vérification").count() and time.monotonic() < end:
        page.wait_for_timeout(500)
        page.reload()


def current(page):
    return page.locator(".piece-list .current a").inner_text()


def piece(page, name, state):
    page.locator(".piece-list li", has_text=re.compile(f"{re.escape(name)}.*{state}", re.DOTALL)).first.wait_for()


def find_the_complete(page, stack, offering, formation):
    """Filter the list on a formation and a status with the panel of filters; return its address and count."""
    page.goto(LIST)
    page.locator("[data-panel]", has_text="Filtres").click()
    page.locator("#panel form").wait_for()
    seen(page)
    for name in ("f.formation", "f.file_status"):
        group = page.locator("#panel details.group", has=page.locator(f"[name='{name}']"))
        if group.get_attribute("open") is None:
            group.locator("summary").first.click()
    page.locator("#panel [name='f.formation']").fill(formation)
    page.locator("#panel [name='f.file_status'][value=COMPLETE]").check()
    page.get_by_role("button", name="Appliquer les filtres").click()
    page.locator(".chips").wait_for()
    listed = count_of(page)
    assert listed == one(stack, f"SELECT count(*) {COMPLETE}", offering) == page.locator("tbody tr").count()
    seen(page)
    return page.url, listed


def choose(page, address, act):
    """Take an act on all that the filter finds."""
    page.goto(address)
    page.locator("[name=whole]").check()
    start(page, act)


def watch(page, done):
    """Follow the progress of a job to its end; return its name."""
    ended(page, "Terminé")
    seen(page)
    assert page.locator("#job progress").get_attribute("value") == str(done) and f"{done} traités" in page.locator("#job").inner_text()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def decide(page, stack, address, offering, listed):
    """Propose a favourable opinion to all that the filter finds; return how many the preview promised."""
    choose(page, address, "propose")
    assert f"{listed} candidatures choisies" in page.locator("main").inner_text()
    seen(page)
    page.locator("#decision_type").select_option(str(one(stack, "SELECT id FROM decision_type WHERE outcome = 'ADMITTED'")))
    page.get_by_role("button", name="Voir ce qui sera fait").click()
    page.get_by_text("Refusés, et pourquoi").wait_for(timeout=LONG)
    seen(page)
    done, refused = done_on(page)
    assert refused == one(stack, BUSY, offering) >= 1 and done + refused == listed
    assert page.locator("#bulk", has_text="Leclerc Manon").count() == 1
    page.get_by_role("button", name=f"Proposer un avis : {done} dossiers").click()
    watch(page, done)
    return done


def validate(page, address, proposed, listed):
    """Validate what was just proposed; those that were validated already are refused."""
    choose(page, address, "validate")
    page.get_by_text("Refusés, et pourquoi").wait_for(timeout=LONG)
    seen(page)
    assert done_on(page) == (proposed, listed - proposed)
    page.get_by_role("button", name=f"Valider les avis : {proposed} dossiers").click()
    watch(page, proposed)


def publish(page, count, words):
    """Read the report, which counts what is validated, and publish; return the name of the job."""
    page.goto("/gestion/publications/")
    seen(page)
    assert page.locator("main .figure").first.inner_text() == str(count)
    assert words in page.locator("form.still").inner_text()
    page.get_by_role("button", name=f"Publier {count} avis").click()
    return watch(page, count)


def release_recall_and_release(visit, page, stack, count, formation):
    """Publish with the mails held and take it all back: nobody was written to; publish again without: everybody is, once."""
    before = mails_about(stack, formation)
    publish(page, count, "retenus 5 minutes")
    assert one(stack, DRAFTED, "VALIDATED") == 0
    undone(page)
    assert one(stack, DRAFTED, "VALIDATED") == count and mails_about(stack, formation) == before
    hold_nothing(visit)
    job = publish(page, count, "Les courriels partent aussitôt")
    addresses = sorted(address for (address,) in rows(stack, WRITTEN_TO, job))
    assert len(addresses) == count and MANON in addresses
    end, expected = time.monotonic() + LONG / 1000, sorted([*before, *addresses])
    while len(mails_about(stack, formation)) < len(expected) and time.monotonic() < end:
        time.sleep(0.3)
    assert mails_about(stack, formation) == expected


def hold_nothing(visit):
    """An administrator sets the hold of the mails of bulk acts to nothing."""
    page = manager(visit, "administration")
    page.goto("/gestion/parametres/")
    page.locator("#HOLD_MINUTES").fill("0")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_load_state("load")
    page.goto("/gestion/parametres/")
    assert page.locator("#HOLD_MINUTES").input_value() == "0"
    seen(page)


def print_a_letter(visit, page):
    """The manager and the candidate download the same letter."""
    page.goto(f"{LIST}?q=Leclerc+Manon")
    page.locator("table tbody th a").first.click()
    name, text, _document = downloaded(page, page.get_by_role("link", name="Lettre (PDF)").click)
    assert name.endswith(".pdf") and "avis favorable" in text and "Manon Leclerc" in text
    candidate = visit()
    sign_in(candidate, MANON, CANDIDATE_SECRET)
    candidate.goto("/candidatures")
    candidate.locator("main a[href^='/candidatures/']:not([href$=nouvelle])").first.click()
    seen(candidate)
    _name, own, _document = downloaded(candidate, candidate.get_by_role("link", name="Télécharger la lettre (PDF)").click)
    code = re.compile(r"/verification/(\S{22})")
    assert "Manon Leclerc" in own and code.search(own)[1] == code.search(text)[1]


def export(page, address, listed):
    """The selection as a workbook: as many rows as the list said, and nothing that a spreadsheet would compute."""
    choose(page, address, "export")
    seen(page)
    page.locator("#reason").fill("Réunion de la commission")
    page.get_by_role("button", name="Faire le fichier").click()
    link = page.get_by_role("link", name=re.compile("Télécharger .*xlsx"))
    link.wait_for(timeout=LONG)
    seen(page)
    with page.expect_download() as waiting:
        link.click()
    copy = Path(waiting.value.path()).with_suffix(".xlsx")
    waiting.value.save_as(copy)
    cells = [list(row) for row in openpyxl.load_workbook(copy).active.iter_rows()]
    assert len(cells) == listed + 1
    assert [cell.value for row in cells for cell in row if cell.data_type == "f"] == []
    assert [cell.value for cell in cells[0][:3]] == ["Nom", "Prénom", "Numéro de dossier"]
    assert ("Leclerc", "Manon") in {(row[0].value, row[1].value) for row in cells}


def compare_the_statistics(page, stack):
    """The figures of the page are those of the database."""
    page.goto("/gestion/statistiques/")
    seen(page)
    shown = [int(re.sub(r"\D", "", text)) for text in page.locator("dl.figures dd").all_inner_texts()]
    assert shown == list(rows(stack, FIGURES)[0])
    statuses = page.locator("section", has=page.get_by_role("heading", name="Statuts des dossiers"))
    table = {line[0]: int(re.sub(r"\D", "", line[1])) for line in statuses.locator("tbody tr").evaluate_all("lines => lines.map(line => [...line.cells].map(cell => cell.textContent))")}
    assert sorted(table.values()) == sorted(number for _status, number in rows(stack, STATUSES))
