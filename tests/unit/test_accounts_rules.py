"""Accounts through the operations, on both databases: opened, validated, recovered, changed, purged."""

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.errors import DomainError
from app.extensions import db
from app.models import AccountToken, Candidate, Identity, IssuedDossierNumber, OutboxMessage, User, UserSession
from app.operations import accounts
from tests.world import SECRET

GOOD = "tournesol-parapluie-xylophone"


def opened(email="zoe@exemple.fr", password=GOOD, **values):
    user = accounts.register(**{"last_name": "Martin", "first_name": "Zoé", "email": email, "password": password, "language": "fr", **values})
    db.session.commit()
    return user


def sent(kind=None):
    chosen = db.select(OutboxMessage).order_by(OutboxMessage.id)
    return db.session.scalars(chosen.where(OutboxMessage.kind == kind) if kind else chosen).all()


def link(kind):
    """Return the token of the last message of a kind."""
    return sent(kind)[-1].secret_text.rsplit("/", 1)[1]


@pytest.fixture
def counted(monkeypatch):
    """Count the password hashes made and verified: the work that a stranger could time."""
    count = {"hash": 0, "verify": 0}

    def counting(name, function):
        def call(*args):
            count[name] += 1
            return function(*args)

        return call

    accounts._decoy()
    monkeypatch.setattr(accounts, "hash_password", counting("hash", accounts.hash_password))
    monkeypatch.setattr(accounts, "verify_password", counting("verify", accounts.verify_password))
    return count


# --- names and addresses (X01, X02, X03, X10) ---


@pytest.mark.parametrize(
    "name",
    ["D'Arc", "O’Neil", "Müller-Łukasz", "N'Diaye", "Nguyễn", "ıİ", "Ǹ", "Ô", "de La Fontaine du Puits-Saint-André", "李", "Łódź", "a" * 100],
)
def test_a_name_is_kept_as_typed(name):
    assert accounts.clean_name(f"  {name} ", field="last_name") == name


def test_a_name_is_kept_in_one_form():
    assert accounts.clean_name("Zoe\u0301", field="first_name") == "Zoé"


@pytest.mark.parametrize(
    "name",
    ["", "   ", "\u200b", "Jean🎓", "👩\u200d🎓", "1\ufe0f\u20e3", "a" + "\u0301" * 50, "a" * 101, "a" * 10_000, "<script>", "http://x.fr", "=1+1", "+1"],
)
def test_a_name_nobody_has_is_refused_beside_its_field(name):
    with pytest.raises(DomainError) as refusal:
        accounts.clean_name(name, field="last_name")
    assert refusal.value.field == "last_name"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("a@b.fr ", "a@b.fr"), ("A@B.FR", "A@b.fr"), ("a+tag@x.fr", "a+tag@x.fr"), ("a@é.fr", "a@xn--9ca.fr"), ("a@xn--9ca.fr", "a@xn--9ca.fr")],
)
def test_an_address_is_normalised(typed, kept):
    assert accounts.clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["a@b", '"a b"@x.fr', "zoé@x.fr", "a@[127.0.0.1]", "a,b@x.fr", "a@x.fr\nBcc: b@x.fr", "a" * 250 + "@x.fr", "a@localhost", "a@b@c.fr", "", None],
)
def test_an_address_that_receives_nothing_is_refused(typed):
    with pytest.raises(DomainError) as refusal:
        accounts.clean_email(typed)
    assert refusal.value.field == "email"


# --- opening and validating (C1) ---


def test_register_gives_a_number_and_a_link_of_five_days(app):
    user = opened()
    number = user.candidate.dossier_number
    assert len(number) == 8 and set(number) <= set(accounts.ALPHABET)
    assert db.session.get(IssuedDossierNumber, number) is not None
    (message,) = sent()
    assert message.kind == "account_created" and message.recipient == "zoe@exemple.fr"
    assert number in message.text and "5 jours" in message.text
    assert message.secret_text.startswith("http://localhost/compte/valider/")
    assert message.secret_text not in message.text  # what stays readable carries no live link
    assert accounts.sign_in("zoe@exemple.fr", GOOD) is None  # not before validation
    with time_machine.travel(clock.now() + timedelta(days=4.9), tick=False):
        assert accounts.validate(link("account_created")).id == user.id
    assert accounts.sign_in("zoe@exemple.fr", GOOD).id == user.id


def test_a_validation_link_dies_after_five_days_and_says_what_to_do(app):
    opened()
    with time_machine.travel(clock.now() + timedelta(days=5.1), tick=False), pytest.raises(DomainError, match="demandez un nouveau lien"):
        accounts.validate(link("account_created"))


def test_a_validation_link_followed_twice_says_already(app):
    opened()
    accounts.validate(link("account_created"))
    with pytest.raises(DomainError, match="déjà validé"):
        accounts.validate(link("account_created"))
    with pytest.raises(DomainError, match="nouveau lien"):
        accounts.validate("not-a-link")


def test_a_new_link_replaces_the_former_one(app):
    opened()
    first = link("account_created")
    accounts.send_validation_again("  ZOE@exemple.fr ")
    with pytest.raises(DomainError, match="remplacé"):
        accounts.validate(first)
    assert accounts.validate(link("validation_link")).confirmed_at is not None
    accounts.send_validation_again("zoe@exemple.fr")
    accounts.send_validation_again("nobody@exemple.fr")
    assert len(sent("validation_link")) == 1  # validated or unknown: silence


def test_a_known_address_opens_nothing_and_its_owner_is_told(world):
    before = db.session.scalar(db.select(db.func.count()).select_from(User))
    assert opened(email="Alice@exemple.fr") is None
    assert opened(email="charlie@postulo.example") is None
    assert db.session.scalar(db.select(db.func.count()).select_from(User)) == before
    to_alice, to_charlie = sent("account_exists")
    assert to_alice.recipient == "alice@exemple.fr" and world.alice.candidate.dossier_number in to_alice.text
    assert "numéro de dossier" not in to_charlie.text


def test_an_address_waiting_for_validation_gets_a_fresh_link_not_a_second_account(app):
    user = opened()
    assert opened(password="autre-mot-hippocampe-8") is None
    assert accounts.validate(link("validation_link")).id == user.id
    assert accounts.sign_in("zoe@exemple.fr", "autre-mot-hippocampe-8") is None  # a stranger's password changes nothing


def test_register_does_the_same_hashing_for_known_and_unknown(world, counted):
    opened()
    new = dict(counted)
    opened(email="alice@exemple.fr")
    assert new == {"hash": 1, "verify": 0} and counted == {"hash": 2, "verify": 0}


def test_the_same_address_arriving_twice_at_once_opens_one_account(world, monkeypatch):
    real, blind = accounts.by_email, iter([True])
    monkeypatch.setattr(accounts, "by_email", lambda email: None if next(blind, False) else real(email))  # looked before the other committed
    assert opened(email="Alice@exemple.fr") is None
    assert sent("account_exists")[0].recipient == "alice@exemple.fr"
    assert db.session.scalar(db.select(db.func.count()).select_from(IssuedDossierNumber)) == 2  # Alice's and Bob's


def test_a_dossier_number_is_never_given_twice(app, monkeypatch):
    first = opened()
    number = first.candidate.dossier_number
    letters = iter(number * 2 + "Z" * 8)
    monkeypatch.setattr(accounts.secrets, "choice", lambda alphabet: next(letters))
    assert accounts.new_dossier_number() == "ZZZZZZZZ"
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        assert accounts.purge_unvalidated(clock.now()) == 1
    assert db.session.get(IssuedDossierNumber, number) is not None


def test_purge_takes_only_what_nobody_validated_in_time(world):
    opened()
    opened(email="late@exemple.fr")
    with time_machine.travel(clock.now() + timedelta(days=4), tick=False):
        assert accounts.purge_unvalidated(clock.now()) == 0
        accounts.send_validation_again("late@exemple.fr")
        db.session.commit()
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        assert accounts.purge_unvalidated(clock.now()) == 1
        db.session.commit()
        assert accounts.by_email("zoe@exemple.fr") is None
        accounts.validate(link("validation_link"))  # a link asked again gives its five days
        assert accounts.by_email("alice@exemple.fr") is not None
    names = db.session.scalars(db.select(Candidate.first_name)).all()
    assert sorted(names) == ["Alice", "Bob", "Zoé"]
    assert not [m for m in sent() if m.recipient == "zoe@exemple.fr"]


def test_purge_spares_an_account_that_applied(world):
    world.apply(world.alice, world.maths)
    world.alice.confirmed_at = None
    db.session.commit()
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        assert accounts.purge_unvalidated(clock.now()) == 0


# --- signing in (C2, T11, L01) ---


def test_sign_in_by_address_or_number_whatever_the_case(world):
    number = world.alice.candidate.dossier_number
    for identifier in ("alice@exemple.fr", " ALICE@Exemple.FR ", number, number.lower(), f"{number[:4]} {number[4:]}"):
        assert accounts.sign_in(identifier, SECRET).id == world.alice.id


@pytest.mark.parametrize("identifier", ["", "nobody@exemple.fr", "ZZZZZZZZ", "a\x00b@exemple.fr", "\x00", "%", "x" * 10_000, "' OR 1=1--", "ıİßßßßßß"])
def test_sign_in_as_nobody_is_refused(world, identifier):
    assert accounts.sign_in(identifier, SECRET) is None


@pytest.mark.parametrize("password", ["", None, "wrong", "\x00", SECRET + "\x00", f" {SECRET}", "x" * 10_000, "🎓" * 50])
def test_sign_in_with_another_password_is_refused(world, password):
    assert accounts.sign_in("alice@exemple.fr", password) is None


def test_every_sign_in_costs_one_verification(world, counted):
    waiting = opened()
    world.bob.password = None  # a student of the sign-on
    db.session.commit()
    counted.update(hash=0)
    for identifier in ("alice@exemple.fr", "bob@exemple.fr", waiting.email, "nobody@exemple.fr", world.alice.candidate.dossier_number):
        counted.update(verify=0)
        accounts.sign_in(identifier, "wrong")
        assert counted == {"hash": 0, "verify": 1}, identifier


def test_a_closed_account_does_not_enter(world):
    world.alice.active = False
    world.charlie.staff_member.is_active = False
    db.session.commit()
    assert accounts.sign_in("alice@exemple.fr", SECRET) is None
    assert accounts.sign_in("charlie@postulo.example", SECRET) is None


def test_composed_and_decomposed_accents_are_one_password(app):
    user = opened(password="été-hérisson-pâquerette")
    user.confirmed_at = clock.now()
    assert accounts.sign_in("zoe@exemple.fr", "e\u0301te\u0301-he\u0301risson-pa\u0302querette") is not None


# --- lost identifiers (C2, L04) ---


def test_lost_identifiers_is_one_mail_with_number_and_link_of_an_hour(world):
    accounts.send_identifiers("alice@exemple.fr")
    (message,) = sent()
    assert world.alice.candidate.dossier_number in message.text and "1 heure" in message.text
    with time_machine.travel(clock.now() + timedelta(minutes=59), tick=False):
        accounts.reset_password(link("lost_identifiers"), GOOD)
    assert accounts.sign_in("alice@exemple.fr", GOOD) is not None
    assert accounts.sign_in("alice@exemple.fr", SECRET) is None
    assert sent("password_changed")


def test_lost_identifiers_by_number_too(world):
    accounts.send_identifiers(world.alice.candidate.dossier_number.lower())
    assert sent("lost_identifiers")[0].recipient == "alice@exemple.fr"


def test_lost_identifiers_answers_each_kind_of_account_by_mail_only(world):
    waiting = opened()
    world.bob.password, world.alice.active = None, False
    world.bob.identities = [Identity(provider="demo", subject="bob")]
    db.session.commit()
    for identifier in ("bob@exemple.fr", "nobody@exemple.fr", waiting.email, "alice@exemple.fr", "charlie@postulo.example"):
        accounts.send_identifiers(identifier)
    found = {message.recipient: message.kind for message in sent() if message.kind != "account_created"}
    assert found == {
        "bob@exemple.fr": "lost_identifiers_signon",
        waiting.email: "validation_link",
        "charlie@postulo.example": "lost_identifiers",
    }
    assert sent("lost_identifiers_signon")[0].secret_text is None  # no password is made for who signs in elsewhere


def test_lost_identifiers_never_hashes(world, counted):
    for identifier in ("alice@exemple.fr", "nobody@exemple.fr"):
        accounts.send_identifiers(identifier)
    assert counted == {"hash": 0, "verify": 0}


def asked(user):
    accounts.send_identifiers(user.email)
    db.session.commit()
    return link("lost_identifiers")


def test_a_reset_link_serves_once(world):
    token = asked(world.alice)
    accounts.reset_password(token, GOOD)
    with pytest.raises(DomainError, match="plus valable"):
        accounts.reset_password(token, GOOD + "-encore")


def test_a_reset_link_dies_after_an_hour(world):
    token = asked(world.alice)
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert not accounts.token_is_live(token, "reset")


def test_a_reset_link_dies_with_a_newer_one_a_sign_in_and_a_change_of_address(world):
    first = asked(world.alice)
    second = asked(world.alice)
    assert not accounts.token_is_live(first, "reset") and accounts.token_is_live(second, "reset")
    accounts.sign_in("alice@exemple.fr", SECRET)
    assert not accounts.token_is_live(second, "reset")
    third = asked(world.alice)
    accounts.ask_email_change(world.alice, "alice@ailleurs.fr")
    accounts.confirm_email(link("email_change"))
    assert not accounts.token_is_live(third, "reset")


def test_a_link_serves_its_own_purpose_only(world):
    token = asked(world.alice)
    with pytest.raises(DomainError):
        accounts.validate(token)
    with pytest.raises(DomainError):
        accounts.confirm_email(token)
    with pytest.raises(DomainError):
        accounts.reset_password(token[:-1] + ("A" if token[-1] != "A" else "B"), GOOD)


def test_a_weak_password_leaves_the_link_alive(world):
    token = asked(world.alice)
    with pytest.raises(DomainError):
        accounts.reset_password(token, "motdepasse2026")
    db.session.rollback()
    assert accounts.token_is_live(token, "reset")


def test_only_digests_of_links_are_kept(world):
    token = asked(world.alice)
    row = db.session.scalar(db.select(AccountToken))
    assert token not in (row.token_hash, row.purpose, row.email)
    assert token not in sent("lost_identifiers")[0].text


def test_reset_ends_every_session(world):
    db.session.add(UserSession(token_hash="a" * 64, user_id=world.alice.id))
    accounts.reset_password(asked(world.alice), GOOD)
    assert db.session.scalar(db.select(UserSession)).ended_at is not None


# --- changes ---


def test_the_old_address_works_until_the_new_one_is_validated(world):
    accounts.ask_email_change(world.alice, "alice@ailleurs.fr")
    assert sent("email_changed_notice")[0].recipient == "alice@exemple.fr"
    assert sent("email_change")[0].recipient == "alice@ailleurs.fr"
    assert accounts.sign_in("alice@exemple.fr", SECRET) is not None
    assert accounts.sign_in("alice@ailleurs.fr", SECRET) is None
    accounts.confirm_email(link("email_change"))
    assert accounts.sign_in("alice@ailleurs.fr", SECRET) is not None
    assert accounts.sign_in("alice@exemple.fr", SECRET) is None
    with pytest.raises(DomainError):
        accounts.confirm_email(link("email_change"))


def test_anothers_address_is_not_written_to_and_not_told(world):
    accounts.ask_email_change(world.alice, "bob@exemple.fr")
    assert not sent("email_change") and len(sent("email_changed_notice")) == 1


def test_an_address_taken_meanwhile_is_refused_and_the_session_goes_on(world):
    accounts.ask_email_change(world.alice, "neuve@exemple.fr")
    world.bob.email = "Neuve@exemple.fr"
    db.session.commit()
    with pytest.raises(DomainError, match="autre compte"):
        accounts.confirm_email(link("email_change"))
    db.session.commit()
    assert world.alice.email == "alice@exemple.fr"


def test_ones_own_address_is_no_change(world):
    with pytest.raises(DomainError, match="déjà votre adresse"):
        accounts.ask_email_change(world.alice, "Alice@exemple.fr")


def test_changing_the_password_asks_the_present_one_and_ends_the_other_sessions(world):
    here, there = (UserSession(token_hash=letter * 64, user_id=world.alice.id) for letter in "ab")
    db.session.add_all([here, there])
    db.session.flush()
    with pytest.raises(DomainError) as refusal:
        accounts.change_password(world.alice, "wrong", GOOD, keep=here)
    assert refusal.value.field == "current" and there.ended_at is None
    accounts.change_password(world.alice, SECRET, GOOD, keep=here)
    assert here.ended_at is None and there.ended_at is not None
    assert sent("password_changed")[0].recipient == "alice@exemple.fr"


def test_the_mails_of_a_person_are_in_that_persons_language(app):
    opened(language="en")
    assert sent()[0].language == "en" and sent()[0].text.startswith("Dear Zoé Martin")
