"""The commands: plain sentences, exit codes, one commit."""

from pathlib import Path

import pikepdf
import pytest
from flask_security import verify_password
from sqlalchemy import func, select, text

from app import access, clock, journal, ranks
from app.enums import Functionality
from app.extensions import db
from app.models import (
    BatchRun,
    Campaign,
    Candidate,
    Candidature,
    Decision,
    Formation,
    Offering,
    PieceType,
    RequiredPiece,
    StaffMember,
    User,
)
from app.operations import audit, demonstration, offer, passwords
from app.operations.demonstration import cast
from app.ranks import WAITING
from app.storage import vault
from tests.tampering import as_superuser

FILE = Path(__file__).parents[2] / "data" / "formations-open-data.csv"


@pytest.fixture
def run(app):
    def call(*args, **kwargs):
        result = app.test_cli_runner().invoke(args=[str(arg) for arg in args], **kwargs)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        db.session.expire_all()
        return result

    return call


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


# --- formations import ---


def test_import_opens_a_university_in_a_campaign(run, world):
    result = run("formations", "import", FILE, "--campaign", "2027", "--establishment", "Clermont Auvergne")
    assert result.exit_code == 0
    assert "58 created, 0 updated, 0 unchanged, 0 refused." in result.output
    assert count(Offering, Offering.campaign_id == world.campaign.id) == 60
    assert "58 unchanged" in run("formations", "import", FILE, "--establishment", "clermont").output


def test_import_tells_each_refused_row_keeps_the_others_and_fails(run, world, tmp_path):
    lines = FILE.read_text(encoding="utf-8-sig").splitlines()[:4]
    lines.insert(2, lines[1])
    faulty = tmp_path / "faulty.csv"
    faulty.write_text("\n".join([*lines, ";" * 11]), encoding="utf-8")
    result = run("formations", "import", faulty)
    assert result.exit_code == 1
    assert "3 created, 0 updated, 0 unchanged, 2 refused." in result.output
    assert "line 3: Code déjà vu à la ligne 2." in result.output and "line 6: La colonne code est vide." in result.output
    assert count(Formation) == 5


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--campaign", "1999"], "Aucune campagne"), (["--establishment"], "requires an argument"), ([], "UTF-8")]
)
def test_import_of_what_cannot_be_read_says_why_and_writes_nothing(run, world, tmp_path, arguments, said):
    latin = tmp_path / "latin.csv"
    latin.write_bytes("code;é".encode("latin-1"))
    result = run("formations", "import", FILE if arguments else latin, *arguments)
    assert result.exit_code != 0 and said in result.output
    assert count(Formation) == 2


def test_reindex_counts_what_changed(run, world):
    db.session.execute(text("UPDATE formation SET search_text = 'x'"))
    db.session.commit()
    assert run("formations", "reindex").output == "2 search texts changed.\n"
    assert run("formations", "reindex").output == "0 search texts changed.\n"


# --- demo seed ---


@pytest.fixture
def seeded(run):
    result = run("demo", "seed")
    assert result.exit_code == 0, result.output
    return result


def test_seed_makes_a_believable_university_once(run, seeded):
    assert seeded.output.startswith("Demonstration ready.")
    campaign = db.session.scalar(select(Campaign))
    assert campaign.is_running and campaign.starts_at < clock.now() < campaign.ends_at
    assert count(Formation) == count(Offering) == 58
    states = {"open": 0, "not_yet": 0, "closed": 0, "not_offered": 0}
    for offering in db.session.scalars(select(Offering)):
        states[offer.state_of(offering, clock.now())[0]] += 1
    assert min(states.values()) > 0 and states["open"] > 30
    people = count(Candidate)
    again = run("demo", "seed")
    assert again.output.startswith("Demonstration already there.")
    assert count(Candidate) == people and count(Formation) == 58
    assert again.output.splitlines()[1:] == seeded.output.splitlines()[1:]


def test_what_is_seeded_is_whole(app, seeded):
    every_account_opens(seeded.output)
    each_state_is_shown_by_real_acts()
    a_piece_has_a_real_model_and_another_a_single_formation()
    the_member_reads_and_writes_opinions_alone()


def every_account_opens(output):
    for email, secret, words in demonstration.people():
        assert email in output and secret in output and words in output
        user = db.session.scalar(select(User).where(User.email == email))
        assert verify_password(passwords.normalised(secret), user.password) and user.confirmed_at
        passwords.check(secret, about=(email,), is_staff=user.staff_member is not None)


def each_state_is_shown_by_real_acts():
    found = db.session.execute(select(Candidature.file_status, Candidature.outcome)).tuples().all()
    assert {status.value for status, _outcome in found} >= {"WAITING", "INCOMPLETE", "RECEIVED"}
    assert {outcome.value for _status, outcome in found if outcome} == {"ADMITTED", "WAITLISTED", "SHORTLISTED", "REFUSED"}
    checked, broken = journal.verify_all()
    assert checked == len(found) and broken == []


def a_piece_has_a_real_model_and_another_a_single_formation():
    model = db.session.scalar(select(PieceType).where(PieceType.template_key.is_not(None)))
    with vault().open(model.template_key) as file, pikepdf.open(file) as document:
        assert len(document.pages) == 1
    portfolio = db.session.scalar(select(RequiredPiece).join(PieceType).where(PieceType.code == "PORTFOLIO"))
    assert "Arts du spectacle" in portfolio.offering.formation.name


def the_member_reads_and_writes_opinions_alone():
    member = db.session.scalar(select(User).where(User.email == f"membre@{cast.STAFF_HOST}"))
    assert access.can(member, Functionality.CANDIDATURES)
    assert [right for right in Functionality if access.can(member, right, write=True)] == [Functionality.OPINIONS]


def test_a_crowd_is_added_in_every_state(run, seeded):
    before = count(Candidature)
    assert run("demo", "seed", "--candidatures", "1200").exit_code == 0
    assert count(Candidature) == before + 1200
    outcomes = set(db.session.scalars(select(Candidature.outcome).distinct()))
    assert len(outcomes) == 6  # the five and none yet
    assert count(Candidature, Candidature.answer.is_not(None)) > 50 and count(Candidature, Candidature.cancelled_at.is_not(None)) > 5
    mirrored = select(func.count()).select_from(Candidature).join(Decision, Decision.id == Candidature.published_decision_id)
    assert db.session.scalar(mirrored.where(Decision.candidature_id == Candidature.id)) == count(Candidature, Candidature.outcome.is_not(None))
    assert run("demo", "seed", "--candidatures", "10").exit_code == 0
    assert count(Candidature) == before + 1210
    assert count(Candidature, WAITING) > 50
    for offering_id in set(db.session.scalars(select(Candidature.offering_id).where(WAITING))):
        assert ranks.renew(offering_id) == 0, "every complementary list has its real ranks"


def test_a_crowd_needs_somewhere_to_go(run, world):
    db.session.execute(text("UPDATE campaign SET is_running = false"))
    db.session.commit()
    result = run("demo", "seed", "--candidatures", "5")
    assert result.exit_code == 1 and "no campaign is running" in result.output


def test_seed_is_refused_in_production(app, run, monkeypatch):
    from dataclasses import replace

    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], public_url="https://candidatures.exemple.fr"))
    result = run("demo", "seed")
    assert result.exit_code == 1 and "refused in production" in result.output
    assert count(Campaign) == 0


# --- user, batch, audit, outbox ---

CREATE = ["user", "create", "--email", "Jury@Exemple.FR", "--first-name", "Anne", "--last-name", "Roy", "--profile", "EVE"]
GOOD = "pelouse-tracteur-cerise-8"


def test_a_staff_account_is_made_with_its_right(run, world):
    result = run(*CREATE, "--centre", "sciences", input=f"{GOOD}\n{GOOD}\n")
    assert result.exit_code == 0, result.output
    assert GOOD not in result.output
    user = db.session.scalar(select(User).where(func.lower(User.email) == "jury@exemple.fr"))
    assert verify_password(passwords.normalised(GOOD), user.password) and user.candidate is None
    assert access.can(user, Functionality.CANDIDATURES, world.maths) and not access.can(user, Functionality.CANDIDATURES, world.history)


@pytest.mark.parametrize(
    ("more", "typed", "said"),
    [
        (["--centre", "absent"], GOOD, "aucun code « absent »"),
        ([], "trop court", "15 caractères"),
        (["--email", "pas une adresse"], GOOD, "adresse"),
        (["--email", "eve@postulo.example"], GOOD, "a déjà un compte"),
        (["--centre", "sciences", "--commission", "lettres-com"], GOOD, "pas les deux"),
        (["--profile", "ABSENT"], GOOD, "aucun code « ABSENT »"),
    ],
)
def test_a_staff_account_that_cannot_be_is_refused_in_words(run, world, more, typed, said):
    before = count(StaffMember), count(User)
    result = run(*CREATE, *more, input=f"{typed}\n{typed}\n")
    assert result.exit_code == 1 and said in result.output
    assert (count(StaffMember), count(User)) == before


def test_batches_are_listed_and_run(run, world):
    assert "purge_accounts" in run("batch", "list").output
    result = run("batch", "run", "purge_accounts")
    assert result.exit_code == 0 and "purge_accounts: DONE, 0 done." in result.output
    assert count(BatchRun) == 1
    unknown = run("batch", "run", "nothing")
    assert unknown.exit_code == 1 and "nothing" in unknown.output


def test_a_forged_history_is_named(run, world):
    world.apply(world.alice, world.maths)
    audit.write("update", "Centre", "1", actor=world.eve, changes={})
    db.session.commit()
    assert run("audit", "verify").output == "1 candidatures checked, 0 broken.\n1 journal entries checked, 0 broken.\n"
    as_superuser("UPDATE candidature_event SET action = 'transmit'")
    as_superuser("UPDATE audit_entry SET action = 'create'")
    result = run("audit", "verify")
    assert result.exit_code == 1 and "event 1" in result.output and "audit entry 1 (row" in result.output


def test_the_sweep_says_how_many_left(run, world):
    world.apply(world.alice, world.maths)
    assert run("outbox", "sweep").output == "1 sent.\n"
    assert run("outbox", "sweep").output == "0 sent.\n"
