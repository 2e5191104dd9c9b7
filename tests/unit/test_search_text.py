"""How the filter compares texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search_text import MAX_WORDS, normalised, words


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Économie & Gestion", "economie gestion"),
        ("Cœur d’Ardèche", "coeur d ardeche"),
        ("I.U.T. de Vichy", "iut de vichy"),
        ("D.E infirmier", "de infirmier"),
        ("50 % _de_ \\ l'eau", "50 de l eau"),
        ("Straße", "strasse"),
        ("日本語", "日本語"),
        (None, ""),
    ],
)
def test_a_text_is_compared_without_case_accents_or_signs(typed, compared):
    assert normalised(typed) == compared


def test_words_are_bounded_and_the_longest_come_first():
    assert words("a bb ccc a") == ["ccc", "bb", "a"]
    assert len(words(" ".join(f"mot{n}" for n in range(50)))) == MAX_WORDS
    assert words("x" * 10_000) == ["x" * 200]
    assert words(" %_ ") == words("") == words(None) == []


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalised(normalised(text)) == normalised(text)
    assert not set(normalised(text)) & set("%_\\'\"")
