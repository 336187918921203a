"""Numbers are read as people write them, kept encrypted, compared by a keyed hash (P-03)."""

from __future__ import annotations

import logging
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.problems import Problem
from huiyin.survey import numbers
from huiyin.survey.numbers import Kind, normalise

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = st.builds(
    lambda area, local: (area, local),
    st.sampled_from(["010", "021", "0731", "0872", "0739"]),
    st.from_regex(r"[2-8][0-9]{6,7}", fullmatch=True),
)


def code_of(text: str, area_code: str = "") -> str:
    with pytest.raises(Problem) as raised:
        normalise(text, area_code)
    return raised.value.code


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "138 1234 5678", "138-1234-5678", "１３８１２３４５６７８",
        "+86 138-1234-5678", "0086 13812345678", "8613812345678", "013812345678",
        "13812345678.0", "'13812345678",
        "（138）12345678", "13812345678\u3000", "+8613812345678",
    ],
)  # fmt: skip
def test_a_mobile_number_is_read_however_it_is_written(text: str) -> None:
    assert normalise(text).e164 == "+8613812345678"
    assert normalise(text).kind is Kind.MOBILE


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("0731-82345678", "+8673182345678"), ("(0731)82345678", "+8673182345678"),
        ("0731 8234 5678转8001", "+8673182345678"), ("0731-82345678-801", "+8673182345678"),
        ("010-62345678", "+861062345678"), ("+86 731 82345678", "+8673182345678"),
        ("0872-2345678 分机 12", "+868722345678"),
    ],
)  # fmt: skip
def test_a_landline_number_keeps_its_area_and_loses_its_extension(text: str, e164: str) -> None:
    assert normalise(text).e164 == e164
    assert normalise(text).kind is Kind.LANDLINE


def test_a_local_number_takes_the_area_code_that_is_given() -> None:
    assert normalise("82345678", "0731").e164 == "+8673182345678"
    assert code_of("82345678") == "number-needs-area"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1381234567", "number-length"), ("138123456789", "number-length"),
        ("110", "number-of-service"), ("12340", "number-of-service"),
        ("95588", "number-of-service"), ("400-820-8820", "number-of-service"),
        ("+1 212 555 0100", "number-abroad"), ("李明", "number-unreadable"),
        ("", "number-unreadable"), ("12", "number-unreadable"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_a_resident_is_refused_with_the_reason(text: str, code: str) -> None:
    assert code_of(text) == code


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_problem_that_does_not_repeat_it(text: str) -> None:
    (found,) = numbers.read_all([text])
    if isinstance(found, Problem):
        digits = "".join(filter(str.isdigit, text))
        assert found.code.startswith("number-")
        assert len(digits) < 7 or digits not in str(found)
    else:
        assert len(found.national) in range(9, 13)


@given(MOBILES)
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    assert normalise(normalise(text).e164) == normalise(text)


@given(MOBILES | LANDLINES.map("-".join))
def test_what_is_encrypted_comes_back_and_never_looks_the_same_twice(text: str) -> None:
    number = normalise(text)
    sealed, again = number.sealed(), number.sealed()
    assert sealed != again
    assert number.national.encode() not in sealed
    assert numbers.unseal(sealed, number.digest()) == number


def test_numbers_have_the_same_hash_only_if_they_are_the_same() -> None:
    one = normalise("13812345678").digest()
    assert normalise("+86 138 1234 5678").digest() == one
    assert normalise("13812345679").digest() != one
    assert len(one) == 32


def test_another_pepper_gives_another_hash(settings: object) -> None:
    before = normalise("13812345678").digest()
    settings.NUMBERS_PEPPER = "another"  # type: ignore[attr-defined]
    assert normalise("13812345678").digest() != before


def test_a_ciphertext_put_in_anothers_place_is_refused() -> None:
    one, other = normalise("13812345678"), normalise("13812345679")
    with pytest.raises(Problem) as raised:
        numbers.unseal(one.sealed(), other.digest())
    assert raised.value.code == "number-sealed"


@given(st.integers(0, 60))
def test_a_ciphertext_changed_anywhere_is_refused(at: int) -> None:
    number = normalise("13812345678")
    sealed = bytearray(number.sealed())
    sealed[at % len(sealed)] ^= 1
    with pytest.raises(Problem):
        numbers.unseal(bytes(sealed), number.digest())


def test_old_keys_still_read_and_the_newest_writes(settings: object) -> None:
    settings.NUMBERS_KEY = "old"  # type: ignore[attr-defined]
    number = normalise("13812345678")
    before = number.sealed()
    settings.NUMBERS_KEY = "new,old"  # type: ignore[attr-defined]
    assert numbers.unseal(before, number.digest()) == number
    after = numbers.resealed(before, number.digest())
    assert numbers.key_id(after) == numbers.current_key_id() != numbers.key_id(before)
    settings.NUMBERS_KEY = "new"  # type: ignore[attr-defined]
    assert numbers.unseal(after, number.digest()) == number
    with pytest.raises(Problem) as raised:
        numbers.unseal(before, number.digest())
    assert raised.value.values["key"] == numbers.key_id(before).hex()


def test_printing_logging_or_failing_never_shows_a_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    number = normalise("13812345678")
    logging.getLogger("huiyin").warning("%s %r %s", number, [number], {"n": number})
    assert "1381234" not in caplog.text
    try:
        raise ValueError(number)
    except ValueError:
        assert "1381234" not in traceback.format_exc()
    for text in ("1381234567", "138123456789"):
        with pytest.raises(Problem) as raised:
            normalise(text)
        assert "1381234" not in str(raised.value) + repr(raised.value)


@pytest.mark.parametrize(
    ("text", "masked"),
    [("13812345678", "138****5678"), ("0731-82345678", "0731****5678"),
     ("010-62345678", "010****5678")],
)  # fmt: skip
def test_a_masked_number_shows_where_it_begins_and_four_digits(text: str, masked: str) -> None:
    assert normalise(text).masked() == masked


def test_many_numbers_are_read_and_each_wrong_one_is_its_problem() -> None:
    found = numbers.read_all(["13812345678", "x", 13812345679.0])
    assert [isinstance(each, Problem) for each in found] == [False, True, False]
