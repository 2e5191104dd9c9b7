"""What a password must be (domain D20, L03): long, not known, not about its owner; nothing about its composition."""

import time

import pytest

from app import parameters
from app.errors import DomainError
from app.operations import passwords

ABOUT = ("Martin", "Zoé", "zoe.martin@exemple.fr")


@pytest.fixture
def settled(app, monkeypatch):
    monkeypatch.setattr(parameters, "get", {"INSTITUTION_NAME": "Université de Montbrison"}.get)


@pytest.mark.parametrize(
    "password",
    ["tournesol xylophone", "correct horse battery staple", "le petit chat est mort", "kh3#Lq9!vbz2", "é" * 3 + "àùçöïñ-🎓🎓🎓", "nuage-velo-grenade", "v" + "ab cd ef gh " * 10],
)
def test_a_long_password_is_accepted_whatever_it_is_made_of(settled, password):
    passwords.check(password, about=ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "kh3#Lq9!vbz",  # 11
        "kh3#Lq9!vbz2" * 11,  # 132
        "x" * 10_000,
        "kh3#Lq9\x00!vbz2",
        "motdepasse2026",
        "MotDePasse2026!",
        "Universite2026!",
        "zoe.martin@exemple.fr",
        "ZoeMartin2004",
        "martinmartin1",
        "montbrison2027",
        "azertyuiop123",
        "azertyuiopqsdfghjklm",
        "123456789012",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "P@ssw0rd1234",
        "M0tDeP@sse2026",
        "candidature2026",
        "1234567887654321",  # of the list of long ones
    ],
)
def test_a_short_known_or_personal_password_is_refused(settled, password):
    with pytest.raises(DomainError) as refusal:
        passwords.check(password, about=ABOUT, field="password")
    assert refusal.value.field == "password" and len(str(refusal.value)) > 10


def test_the_bounds_are_12_and_128_and_15_for_staff(settled):
    letters = "".join(chr(ord("a") + (i * 7) % 26) for i in range(200))
    for size, is_staff, is_good in ((11, False, False), (12, False, True), (64, False, True), (128, False, True), (129, False, False), (14, True, False), (15, True, True)):
        if is_good:
            passwords.check(letters[:size], is_staff=is_staff)
        else:
            with pytest.raises(DomainError):
                passwords.check(letters[:size], is_staff=is_staff)


def test_every_long_known_password_is_refused(settled):
    for password in passwords._words("long.txt"):
        with pytest.raises(DomainError):
            passwords.check(password)


def test_a_huge_password_costs_no_more_than_a_long_one(settled):
    start = time.process_time()
    with pytest.raises(DomainError):
        passwords.check("é" * 500_000)
    assert time.process_time() - start < 0.5  # seconds; hashing it would be a hundred times that
    assert len(passwords.normalised("x" * 500_000)) == passwords.MAXIMUM + 1
