"""French names written one same way."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allervers.extracts.identity.names import PARTICLES, compact, core, core_words, identity_text, words

LETTERS = string.ascii_letters + "éèêëàâäîïôöùûüçœæñ"
names = st.text(LETTERS + " -'’", max_size=40)


@given(st.text(max_size=60))
def test_any_text_gives_ascii_upper_case_or_nothing(text):
    for word in words(text):
        assert word.isascii()
        assert word.isalpha()
        assert word == word.upper()
    assert compact(text) is None or compact(text) == "".join(compact(text).split())


@given(names)
def test_writing_twice_changes_nothing(text):
    once = " ".join(words(text))
    assert words(once) == words(text)
    assert compact(compact(text)) == compact(text)


@given(names)
def test_case_hyphens_and_spaces_do_not_count(text):
    assert compact(text.upper()) == compact(text) == compact(text.replace("-", " ")) == compact(f"  {text}  ")


@given(st.sampled_from(sorted(PARTICLES)), st.text(string.ascii_uppercase, min_size=6, max_size=12))
def test_a_particle_weighs_nothing(particle, name):
    assert core(f"{particle} {name}") == core(name)
    assert core(f"{particle.title()}-{name.title()}") == core(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("N'Diaye", "NDIAYE"),
        ("N’Diaye", "N DIAYE"),
        ("M'Baye", "Mbaye"),
        ("O'Brien", "OBRIEN"),
        ("D'Almeida", "d Almeida"),
        ("El-Amrani", "ELAMRANI"),
        ("Ben Amar", "BENAMAR"),
        ("Lefèbvre", "LEFEBVRE"),
        ("Cœur", "COEUR"),
        ("Weiß", "WEISS"),
        ("Łukasz", "LUKASZ"),
        ("St-Martin", "Saint Martin"),
        ("Yılmaz", "YILMAZ"),
    ],
)
def test_one_name_two_writings(one, other):
    assert compact(one) == compact(other) or core(one) == core(other)


def test_names_made_of_particles_stay():
    assert core("Le") == "LE"
    assert core_words("Ben De") == ["BEN", "DE"]


def test_nothing_is_nothing():
    assert words(None) == []
    assert compact("  ") is None
    assert core("'-") is None


def test_the_identity_line_holds_through_writing_and_needs_three_facts():
    line = identity_text("El Amrani", "Karim, Ali", "1980-01-02", "1")
    assert line == identity_text("AMRANI", "karim", "1980-01-02", "1")
    assert identity_text("Amrani", None, "1980-01-02", "1") is None
    assert identity_text(None, "Karim", "1980-01-02", "1") is None
    assert identity_text("Amrani", "Karim", None, "1") is None
