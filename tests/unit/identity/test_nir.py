"""Form of the NIR, what it says of a person, and the refusal of plain hashes."""

import hashlib
import hmac
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import nir as stdnum_nir

from allervers.extracts.identity.keyed import KeyedHash
from allervers.extracts.identity.nir import (
    NirStatus,
    check_nir,
    checked_exchange_hashes,
    concerns,
    keyed_hash,
    refuse_declared_hash,
    refuse_digest_as_nir,
    refuse_plain_hashes,
)
from allervers.foundation.errors import InvalidInput, Refused

EXAMPLE = "295109912611193"

departements = st.one_of(st.integers(1, 99).map("{:02d}".format), st.sampled_from(["2A", "2B"]))
thirteens = st.builds(
    "{}{:02d}{:02d}{}{:06d}".format,
    st.sampled_from("123478"), st.integers(0, 99), st.integers(1, 99), departements, st.integers(0, 999_999),
)  # fmt: skip


@given(thirteens)
def test_thirteen_and_fifteen_characters_are_one_number(number):
    full = number + stdnum_nir.calc_check_digits(number)
    assert check_nir(number) == check_nir(full) == check_nir(stdnum_nir.format(full).lower())
    assert check_nir(full).number == number
    assert stdnum_nir.is_valid(full)


@given(thirteens, st.integers(0, 99))
def test_a_wrong_key_is_invalid(number, key):
    expected = NirStatus.INVALID if f"{key:02d}" != stdnum_nir.calc_check_digits(number) else check_nir(number).status
    assert check_nir(f"{number}{key:02d}").status is expected


@given(st.text(max_size=20))
def test_no_text_makes_it_fail(text):
    checked = check_nir(text)
    assert (checked.number is None) == (checked.status in (NirStatus.INVALID, NirStatus.ABSENT))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (EXAMPLE, NirStatus.CERTAIN),
        ("253072B07300470", NirStatus.CERTAIN),
        ("253072A07300443", NirStatus.CERTAIN),
        ("253072C07300443", NirStatus.INVALID),
        ("7951099126111", NirStatus.PROVISIONAL),
        ("3951099126111", NirStatus.PROVISIONAL),
        ("5951099126111", NirStatus.INVALID),
        ("2951O99126111", NirStatus.INVALID),
        ("٢٩٥١٠٩٩١٢٦١١١", NirStatus.INVALID),
        ("29510991261119", NirStatus.INVALID),
        ("", NirStatus.ABSENT),
        ("  ", NirStatus.ABSENT),
        (None, NirStatus.ABSENT),
    ],
)
def test_status(text, status):
    assert check_nir(text).status is status


@pytest.mark.parametrize(
    ("born", "sexe", "expected"),
    [
        ("1995-10-03", "2", True),
        (None, None, True),
        ("1995-10-03", None, True),
        ("1995-10-03", "1", False),
        ("1965-10-03", "2", False),
        ("1995-11-03", "2", False),
    ],
)
def test_a_number_that_contradicts_the_person_is_seen(born, sexe, expected):
    assert concerns(EXAMPLE[:13], born, sexe) is expected


def test_an_unknown_month_contradicts_nothing():
    assert concerns("2952099126111", "1995-10-03", "2")


@pytest.mark.parametrize("algorithm", ["sha256", "SHA-256", "md5", "sha1", "sha512", "", "bcrypt"])
def test_a_declared_plain_hash_is_refused(algorithm):
    with pytest.raises(Refused):
        refuse_declared_hash(algorithm)


@pytest.mark.parametrize("algorithm", ["HMAC-SHA-256", "hmac_sha_256", "hmac-sha256"])
def test_the_keyed_hash_is_accepted(algorithm):
    refuse_declared_hash(algorithm)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("written", [EXAMPLE, EXAMPLE[:13], "2 95 10 99 126 111 93", "2 95 10 99 126 111"])
def test_a_plain_hash_is_detected_and_refused(algorithm, written):
    digest = hashlib.new(algorithm, written.encode()).hexdigest()
    with pytest.raises(Refused):
        refuse_plain_hashes({value for value in checked_exchange_hashes([digest.upper()]) if value}, [EXAMPLE[:13]])
    with pytest.raises(Refused):
        refuse_digest_as_nir([EXAMPLE, digest])


@given(st.binary(min_size=32, max_size=32))
def test_a_keyed_hash_passes(key):
    digest = keyed_hash(key, EXAMPLE[:13])
    assert checked_exchange_hashes([digest, None, ""]) == [digest, None, None]
    refuse_plain_hashes({digest}, [EXAMPLE[:13]])


@given(st.text(string.printable, min_size=1, max_size=70).filter(lambda text: len(text) not in (32, 40, 64, 128)))
def test_anything_else_than_a_digest_is_invalid_input(text):
    with pytest.raises(InvalidInput):
        checked_exchange_hashes([text])


@given(st.binary(min_size=32, max_size=32), thirteens)
def test_the_keyed_hash_is_the_one_of_the_exchange(key, number):
    expected = hmac.new(key, number.encode(), hashlib.sha256).hexdigest()
    assert keyed_hash(key, number) == keyed_hash(KeyedHash(key), number) == expected
