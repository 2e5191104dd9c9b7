"""The national student number: the vectors of the rule, the keys, and text of any kind."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app import ine
from app.errors import DomainError

BEA = ("1234567890V", "0501234567G", "2998123456U", "0000000001B")
NNE = ("0AB1CDE2340", "1N2P3Q4R5S4", "9ZZ00000A15")
KEY_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

digits = st.text("0123456789", min_size=10, max_size=10).filter(lambda body: len(set(body)) > 1)
mixed = st.text(string.digits + string.ascii_uppercase, min_size=10, max_size=10).filter(
    lambda body: not body.isalpha() and not (body.isdigit() and len(set(body)) == 1)
)


def refusal(text):
    with pytest.raises(DomainError) as caught:
        ine.parse(text)
    assert caught.value.field == "ine"
    return str(caught.value)


def is_refused(text):
    try:
        ine.parse(text)
    except DomainError:
        return True
    return False


def nne_key(body):
    """The key by another way than the code's: letter by letter, from the ordinals."""
    worth = [ord(c) - (48 if c.isdigit() else 55) for c in body]
    return (sum(6 * value for value in worth[:9]) + worth[9]) % 10


@pytest.mark.parametrize("number", BEA)
def test_the_school_numbers_of_the_rule_are_accepted(number):
    assert ine.parse(number) == ine.Ine(number, "BEA")


@pytest.mark.parametrize("number", NNE)
def test_the_university_numbers_of_the_rule_are_accepted(number):
    assert ine.parse(number) == ine.Ine(number, "NNE")


@pytest.mark.parametrize("number, kind", [("123456789AB", "INES"), ("000000000IO", "INES"), ("1234A56789Q", "APPRENTICE")])
def test_a_form_without_key_is_accepted_on_its_form(number, kind):
    assert ine.parse(number) == ine.Ine(number, kind)


@pytest.mark.parametrize("number", BEA + NNE)
def test_every_other_key_of_the_same_kind_is_refused(number):
    keys = string.ascii_uppercase if number in BEA else string.digits
    assert [key for key in keys if not is_refused(number[:10] + key)] == [number[10]]


@given(digits)
def test_one_letter_only_is_the_key_of_ten_digits(body):
    taken = [key for key in string.ascii_uppercase if not is_refused(body + key)]
    assert taken == [KEY_LETTERS[int(body) - 23 * (int(body) // 23)]]


@given(mixed)
def test_one_digit_only_is_the_key_of_ten_characters(body):
    taken = [key for key in string.digits if not is_refused(body + key)]
    assert taken == [str(nne_key(body))]


@given(st.sampled_from(BEA + NNE), st.lists(st.tuples(st.integers(0, 11), st.sampled_from(" \t\n\u00a0\u202f\u2009"))), st.booleans())
def test_case_and_spaces_do_not_matter(number, spaces, lower):
    text = list(number.lower() if lower else number)
    for place, space in spaces:
        text.insert(place, space)
    assert ine.parse("".join(text)).value == number


@given(st.text() | st.text(string.digits + string.ascii_letters + " ", min_size=9, max_size=13))
@example("")
@example("\x00" * 11)
@example("١٢٣٤٥٦٧٨٩٠V")
@example("1" * 10**6)
def test_any_text_is_a_number_or_a_refusal(text):
    try:
        found = ine.parse(text)
    except DomainError as error:
        assert str(error).endswith((".", ")."))
        return
    assert found.kind in {"BEA", "NNE", "INES", "APPRENTICE"}
    assert len(found.value) == 11 and found.value.isascii() and found.value.isalnum() and found.value == found.value.upper()


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "11 caractères"),
        ("1234567890", "11 caractères"),
        ("1234567890VV", "11 caractères"),
        ("12345-67890V", "retirez les autres signes"),
        ("123456789é0V", "retirez les autres signes"),
        ("１２３４５６７８９０V", "retirez les autres signes"),
        ("123456789Aſ", "retirez les autres signes"),  # its capital is an ASCII S
        ("ABCDE12345F", "la forme d’un INE"),
        ("1234567890A", "La clé"),
        ("1234567890O", "La clé"),
        ("0AB1CDE2341", "La clé"),
        ("1111111111U", "pas un vrai numéro"),
        ("11111111115", "pas un vrai numéro"),
        ("ABCDEFGHIJ0", "pas un vrai numéro"),
    ],
)
def test_each_fault_has_its_sentence(text, words):
    assert words in refusal(text)


def test_ten_equal_digits_are_refused_with_any_key():
    assert all(is_refused(digit * 10 + key) for digit in string.digits for key in string.digits + string.ascii_uppercase)


@given(st.text(string.ascii_uppercase, min_size=10, max_size=10), st.sampled_from(string.digits))
def test_ten_letters_are_refused_with_any_key(body, key):
    assert "pas un vrai numéro" in refusal(body + key)
