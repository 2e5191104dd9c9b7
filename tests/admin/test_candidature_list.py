"""The list of candidatures: found, filtered, sorted and paged in the scope of the person, whatever the address says."""

import contextlib
import re
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import event

from app import clock
from app.enums import FileStatus, PieceStatus
from app.extensions import db
from app.models import Candidature, Note, Tag
from app.operations import columns, filters, listing

LIST = "/gestion/candidature/"


@pytest.fixture
def crowd(world):
    """Sixty candidatures in Sciences, one a minute, and Bob's in Letters."""
    moment = clock.now()
    for number in range(60):
        user = world.candidate(f"c{number}", f"Prénom{number % 7}", f"Nom{number % 11:02}", complete=number < 5)
        candidature = Candidature(candidate=user.candidate, offering=world.maths, campaign=world.campaign)
        candidature.created_at = moment - timedelta(minutes=number // 2)
        candidature.file_status = list(FileStatus)[number % 4]
        candidature.rank = number % 5 or None
        db.session.add(candidature)
        db.session.flush()
    db.session.commit()
    return world.apply(world.bob, world.history)


def names(answer):
    """Return the candidates of a page, in order."""
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]+) <small', answer.text)


def numbers(answer):
    return re.findall(r'<small class="muted">([A-Z0-9]{8})</small>', answer.text)


def count(client, query=""):
    return client.get(f"{LIST}compte{query}", headers={"HX-Request": "true"}).text


def walk(client, address):
    """Return the numbers of every page from an address, following "next" to the end."""
    found = []
    while address:
        page = client.get(address)
        found.append(numbers(page))
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following and following[1].replace("&amp;", "&")
        assert len(found) < 10
    return found


def test_candidatures_are_found_by_name_number_mail_and_formation(charlie, world):
    candidature = world.apply(world.alice, world.maths)
    for words in ("alpha", "ALICE", candidature.candidate.dossier_number.lower(), "mathematiques", "Mathématiques alpha", "alice@exemple.fr", "álpha"):
        assert count(charlie, f"?q={words}") == "(1)" and "Alpha Alice" in charlie.get(f"{LIST}?q={words}").text, words
    for words in ("alpha beta", "%", "_", "%25", "' OR 1=1--", "\\"):
        assert count(charlie, f"?q={words}") == "(0)", words
    assert "Retirez" in charlie.get(f"{LIST}?q=zzz").text or "retirez-en un" in charlie.get(f"{LIST}?q=zzz").text


def test_the_search_follows_every_change_of_its_words(charlie, world):
    candidature = world.apply(world.alice, world.maths)
    person = candidature.candidate
    person.last_name = "Œuvré"
    db.session.commit()
    assert count(charlie, "?q=oeuvre") == "(1)" and count(charlie, "?q=alpha") == "(0)"
    for mail in ("premiere", "nouvelle"):
        world.alice.email = f"{mail}@exemple.fr"
        db.session.commit()
    assert count(charlie, "?q=nouvelle@exemple.fr") == "(1)" and count(charlie, "?q=premiere@exemple.fr") == "(0)"
    world.maths.formation.name = "Licence Zythologie"
    db.session.commit()
    assert count(charlie, "?q=zythologie oeuvre") == "(1)"
    assert person.search_text == f"oeuvre alice {person.dossier_number.lower()} nouvelle exemple fr"


def test_the_command_writes_the_search_again(app, world):
    candidature = world.apply(world.alice, world.maths)
    right = candidature.search_text
    db.session.execute(db.update(Candidature).values(search_text="x"))
    db.session.commit()
    run = app.test_cli_runner().invoke(args=["candidatures", "reindex"])
    assert run.exit_code == 0 and "1 search texts changed" in run.output
    db.session.expire_all()
    assert candidature.search_text == right and "alpha" in right


def test_pages_are_stable_under_every_sort(eve, crowd):
    for sort in ("", "id", "-created_at", "created_at", "last_name", "-last_name", "file_status", "-rank", "rank", "number", "transmitted_at"):
        pages = walk(eve, f"{LIST}?sort={sort}")
        found = [number for page in pages for number in page]
        assert [len(page) for page in pages] == [50, 11] and len(set(found)) == 61, sort


def test_the_way_back_is_the_way_there(eve, crowd):
    first = eve.get(f"{LIST}?sort=last_name")
    second = eve.get(re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&"))
    back = eve.get(re.search(r'rel="prev" href="([^"]+)"', second.text)[1].replace("&amp;", "&"))
    assert numbers(back) == numbers(first) and 'rel="prev"' not in back.text and 'rel="next"' in back.text
    assert names(first) == sorted(names(first))


def test_neighbours_walk_the_same_list(world, crowd):
    spec, found = filters.cleaned({"sort": "-rank", "where": {"file_status": {"in": ["RECEIVED"]}}}, world.eve)
    rows = listing.page(world.eve, spec, found, []).rows
    whole = [row.public_id for row in rows]
    assert len(whole) == 15
    for place, public_id in enumerate(whole):
        here = db.session.scalar(db.select(Candidature).where(Candidature.public_id == public_id))
        around = (whole[place - 1] if place else None, whole[place + 1] if place + 1 < len(whole) else None)
        assert listing.neighbours(here, spec, world.eve) == around
    assert listing.neighbours(here, spec, world.dora) == (None, None)


def test_the_dossier_page_leads_to_the_next_of_the_list(charlie, world):
    first, second = world.apply(world.alice, world.maths), world.apply(world.bob, world.maths)
    page = charlie.get(f"/gestion/candidature/dossier/{second.public_id}?sort=-id&f.file_status=WAITING").text
    assert f"/gestion/candidature/dossier/{first.public_id}?f.file_status=WAITING&amp;sort=-id" in page or f"dossier/{first.public_id}?" in page


@pytest.mark.parametrize(
    "query",
    [
        "page=100000000000000000000000", "apres=%00", "apres=" + "9" * 500, "avant=zzz", "sort=password_hash", "sort=%00", "sort=" + "-" * 90,
        "sort=piece-1", "sort=tags", "tab=nowhere", "tab=%00", "q=%00", "q=" + "a" * 5000, "q=%FF%FE", "f.=x", "f..from=x", "f.rank.from=1e999",
        "f.rank.from=99999999999999999999", "f.rank=999999999999.9999", "f.created_at.from=0001-01-01", "f.created_at.to=9999-12-31", "f.created_at=2026-02-30",
        "f.piece-999999999=MISSING", "f.piece-99999999999999=MISSING", "f.answer-1-" + "x" * 80 + "=1", "f.centre=999999999", "f.centre=9999999999999999",
        "f.campaign=-1", "f.password=x", "f.search_text=x", "f.last_name=%00", "f.file_status=NOPE", "vue=nothing", "vue=%00",
        "f.track_validated=2", "f.track_validated=1&f.track_validated=0", "&".join(f"f.last_name={n}" for n in range(500)), "f.notes_texts=x",
    ],
)  # fmt: skip
def test_no_address_breaks_the_list(query, eve, world):
    world.apply(world.alice, world.maths)
    for path in ("", "compte", "filtres", "colonnes", "vues", "exporter"):
        answer = eve.get(f"{LIST}{path}?{query}", headers={"HX-Request": "true"})
        assert answer.status_code == 200, (path, query)


def test_filters_are_added_and_their_values_are_alternatives(eve, crowd):
    assert count(eve, "?f.file_status=WAITING") == "(16)"
    assert count(eve, "?f.file_status=WAITING&f.file_status=COMPLETE") == "(31)"
    assert count(eve, "?f.file_status=WAITING&f.last_name=nom00") == "(2)"
    assert count(eve, "?f.last_name=nom00;NOM01") == "(12)"
    assert count(eve, "?f.rank.from=2&f.rank.to=3") == "(24)"
    assert count(eve, "?f.rank.empty=1") == "(13)" and count(eve, "?f.rank.empty=0") == "(48)"
    assert count(eve, "?f.rank=4&f.rank.empty=1") == "(25)"
    day = clock.local_day(clock.now())
    assert count(eve, f"?f.created_at.from={day + timedelta(days=1)}") == "(0)"
    assert count(eve, "?f.nationality=BE&tab=toutes") == "(6)"


def test_each_column_can_be_shown_sorted_and_filtered(eve, world):
    world.transmitted(world.alice, world.maths)
    db.session.commit()
    values = {"text": "a", "day": "2026-01-01", "instant": "2026-01-01", "number": "1", "yes": "1", "ref": "1"}
    for key, column in columns.COLUMNS.items():
        value = next(iter(column.vocabulary)) if column.vocabulary else values[column.kind]
        for query in (f"f.{key}={value}&sort={key}", f"f.{key}.empty=0&f.{key}.from={value}&sort=-{key}"):
            assert eve.get(f"{LIST}?{query}").status_code == 200, query


def test_pieces_and_answers_have_their_columns_and_filters(charlie, world):
    candidature = world.transmitted(world.alice, world.maths)
    world.apply(world.bob, world.maths)
    cv, conditional = world.cv.piece_type_id, world.language.piece_type_id
    assert count(charlie, f"?f.piece-{cv}=SUBMITTED") == "(1)" and count(charlie, f"?f.piece-{cv}=MISSING") == "(1)"
    assert count(charlie, f"?f.piece-{cv}=MISSING&f.piece-{cv}=SUBMITTED") == "(2)" and count(charlie, f"?f.piece-{conditional}=NOT_CONCERNED") == "(1)"
    assert count(charlie, "?f.pieces_missing.from=3") == "(1)" and count(charlie, "?f.pieces_to_review=2") == "(1)"
    form = world.form.id
    assert count(charlie, f"?f.answer-{form}-why=parce") == "(1)" and count(charlie, f"?f.answer-{form}-why.empty=1") == "(1)"
    keys = [f"piece-{cv}", f"answer-{form}-why", "pieces_missing"]
    for key in keys:
        charlie.post(f"{LIST}colonnes", {"move": f"add:{key}"})
    page = charlie.get(LIST).text
    assert "Déposée" in page and "Parce que." in page and "Pourquoi ?" in page
    assert str(PieceStatus.MISSING.label) in page and candidature.public_id in page


def test_chips_say_each_filter_and_remove_it(charlie, world):
    world.apply(world.alice, world.maths)
    page = charlie.get(f"{LIST}?q=alpha&f.file_status=WAITING&f.file_status=COMPLETE&f.created_at.from=2026-01-05").text
    chips = page.split('<ul class="chips"')[1].split("</ul>")[0]
    for words in ("« alpha »", "Dossier : À transmettre ou Complet", "Créée le : à partir de 05/01/2026"):
        assert words in chips
    links = [dict(parse_qsl(urlsplit(link.replace("&amp;", "&")).query)) for link in re.findall(r'href="([^"]+)"', chips)]
    assert [set(link) for link in links[:3]] == [{"f.file_status", "f.created_at.from"}, {"q", "f.created_at.from"}, {"q", "f.file_status"}]


def test_tabs_are_what_they_say(eve, world):
    sent, waiting = world.transmitted(world.alice, world.maths), world.apply(world.bob, world.history)
    gone = world.apply(world.alice, world.history)
    gone.cancelled_at = clock.now()
    db.session.commit()
    expected = {"": 2, "a-transmettre": 1, "a-examiner": 1, "complets": 0, "annulees": 1, "toutes": 3, "a-valider": 0, "sans-reponse": 0}
    for tab, number in expected.items():
        assert count(eve, f"?tab={tab}") == f"({number})", tab
    assert sent.public_id in eve.get(f"{LIST}?tab=a-examiner").text and waiting.public_id not in eve.get(f"{LIST}?tab=a-examiner").text


def test_columns_are_chosen_ordered_and_kept(charlie, world):
    world.apply(world.alice, world.maths)
    for move in ("reset:", "add:email", "up:email", "remove:outcome"):
        assert charlie.post(f"{LIST}colonnes", {"move": move}).status_code == 302
    heads = re.findall(r'<th scope="col">(?:<a [^>]+>)?([^<]+)<', charlie.get(LIST).text)
    assert heads[-2:] == ["Adresse électronique", "Étiquettes"] and "Avis publié" not in heads
    assert "alice@exemple.fr" in charlie.get(LIST).text
    for move in ("add:password", "up:nothing", "down", "", "add:email", "remove:password", "add:piece-999"):
        charlie.post(f"{LIST}colonnes", {"move": move})
    assert re.findall(r'<th scope="col">(?:<a [^>]+>)?([^<]+)<', charlie.get(LIST).text) == heads


def test_what_asks_a_right_is_absent_without_it(frank, charlie, world):
    """Frank only reads candidatures: neither notes, nor tags, nor opinions, shown, filtered or sorted."""
    candidature = world.apply(world.alice, world.maths)
    tag = Tag(name="Boursière")
    candidature.tags.append(tag)
    db.session.add(Note(candidature=candidature, text="secret-canari"))
    db.session.commit()
    charlie.post(f"{LIST}colonnes", {"move": "add:note_texts"})
    assert "secret-canari" in charlie.get(LIST).text and "Boursière" in charlie.get(LIST).text
    assert count(charlie, f"?f.tags={tag.id}") == "(1)" and count(charlie, "?f.note_texts=canari") == "(1)" and count(charlie, "?f.note_texts=autre") == "(0)"
    frank.post(f"{LIST}colonnes", {"move": "add:note_texts"})
    page = frank.get(f"{LIST}?sort=notes").text + frank.get(f"{LIST}filtres").text + frank.get(f"{LIST}colonnes").text
    assert "Boursière" not in page and "secret" not in page and "Texte des notes" not in page
    assert count(frank, "?f.notes.from=5") == "(1)" and count(frank, "?f.note_texts=autre") == "(1)"


def test_the_count_stops_and_says_so(eve, crowd, monkeypatch):
    assert count(eve) == "(61)"
    monkeypatch.setattr(listing, "MOST_COUNTED", 60)
    assert eve.get(f"{LIST}?compte=1").status_code == 200


def test_a_page_costs_three_statements_whatever_its_length(eve, world, crowd):
    candidature = db.session.scalars(db.select(Candidature)).first()
    candidature.tags.append(Tag(name="A"))
    db.session.commit()
    eve.get(LIST)
    with counted() as few:
        eve.get(f"{LIST}?f.last_name=nom00")
    with counted() as many:
        eve.get(f"{LIST}?sort=last_name&f.rank.empty=0")
    assert len(few) == len(many)
    assert len([statement for statement in many if " candidature" in statement]) <= 2


@contextlib.contextmanager
def counted():
    """Collect the statements sent to the database."""
    sent = []
    listener = lambda link, cursor, statement, *rest: sent.append(statement)
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)


def test_the_panels_are_fragments_or_pages(charlie, world):
    for path in ("filtres", "colonnes", "vues"):
        fragment = charlie.get(f"{LIST}{path}?f.file_status=WAITING", headers={"HX-Request": "true"})
        page = charlie.get(f"{LIST}{path}?f.file_status=WAITING")
        assert "<html" not in fragment.text and "<html" in page.text and 'id="panel-title"' in fragment.text
    assert 'value="WAITING" checked' in charlie.get(f"{LIST}filtres?f.file_status=WAITING").text


def test_one_manager_sees_nothing_of_another_centre(charlie, dora, world):
    """Canaries in Letters: rows, count, search, filters and what the panels offer."""
    world.letters.name, world.history.formation.name, world.history.commission.name = "Canari centre", "Canari formation", "Canari commission"
    world.bob.candidate.last_name = "Canari"
    db.session.add(Tag(name="Canari étiquette", centre=world.letters))
    db.session.commit()
    candidature = world.transmitted(world.bob, world.history)
    for query in ("", "?q=canari", "?f.last_name=canari", f"?f.centre={world.letters.id}", "?tab=toutes", f"?apres={candidature.public_id}", "?f.formation=canari&sort=formation"):
        page = charlie.get(f"{LIST}{query}").text
        assert candidature.public_id not in page.replace(f"apres={candidature.public_id}", "") and "Canari " not in page, query
        assert count(charlie, query) == "(0)", query
    for panel in ("filtres", "colonnes", "vues", "exporter"):
        assert "Canari" not in charlie.get(f"{LIST}{panel}").text, panel
    assert count(dora, "?q=canari") == "(1)" and "Canari étiquette" in dora.get(f"{LIST}filtres").text


def test_the_filters_agree_with_python_on_random_rows(world, crowd):
    """The SQL of each kind of filter, against the same rule written in Python."""
    rows = db.session.scalars(db.select(Candidature)).all()
    today = clock.local_day(clock.now())
    cases = {
        ("last_name", "in", ("nom01", "1")): lambda row: "nom01" in row.candidate.last_name.lower() or "1" in row.candidate.last_name,
        ("rank", "from", "3"): lambda row: row.rank is not None and row.rank >= 3,
        ("rank", "to", "2,5"): lambda row: row.rank is not None and row.rank <= 2.5,
        ("rank", "in", ("1", "4")): lambda row: row.rank in (1, 4),
        ("created_at", "in", (today.isoformat(),)): lambda row: clock.local_day(row.created_at) == today,
        ("birth_on", "to", "2005-01-01"): lambda row: row.candidate.birth_on is not None and row.candidate.birth_on <= date(2005, 1, 1),
        ("birth_on", "empty", "1"): lambda row: row.candidate.birth_on is None,
        ("phone", "empty", "0"): lambda row: bool(row.candidate.phone),
        ("track_validated", "in", ("0",)): lambda row: row.track_validated_at is None,
        ("email", "in", ("C1", "bob@")): lambda row: any(part in row.candidate.user.email.lower() for part in ("c1", "bob@")),
        ("file_status", "in", ("WAITING", "INCOMPLETE")): lambda row: row.file_status in ("WAITING", "INCOMPLETE"),
    }
    for (key, part, value), twin in cases.items():
        raw = {"tab": "toutes", "where": {key: {part: list(value) if part == "in" else value}}}
        spec, found = filters.cleaned(raw, world.eve)
        assert listing.count(world.eve, spec, found) == len([row for row in rows if twin(row)]), (key, part, value)
