"""Logs say what happened and to which request, and never to whom."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huiyin.site.logs import PrivateFormatter, configuration, masked, told

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")

phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
cards = st.from_regex(r"[1-8][0-9]{16}[0-9Xx]", fullmatch=True)
separators = st.sampled_from(["", " ", "-", ".", "·", "－", "\u00a0", "\u200b", " - "])
WIDE = {48 + digit: 0xFF10 + digit for digit in range(10)}
NARROW = {wide: digit for digit, wide in WIDE.items()}
widths = st.sampled_from([str, lambda text: text.translate(WIDE)])
around = st.text(max_size=20)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A number of a person, and a text in which somebody wrote it in his own way."""
    number = draw(st.one_of(phones, cards, phones.map(lambda phone: f"+86{phone}")))
    every = draw(st.integers(2, 6))
    parts = [number[at : at + every] for at in range(0, len(number), every)]
    spelled = draw(widths)(draw(separators).join(parts))
    return number, f"{draw(around)}{spelled}{draw(around)}"


def lines(*args: Any, **kwargs: Any) -> str:
    """What a log call writes."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(PrivateFormatter())
    logger = logging.Logger("trial", logging.DEBUG)
    logger.addHandler(handler)
    logger.error(*args, **kwargs)
    return out.getvalue()


def digits(line: str) -> str:
    """A line as somebody would search it: digits only where they touch."""
    plain = line.translate(NARROW)
    return re.sub(r"[\s.·－\u200b-]", "", plain)


@settings(max_examples=400, deadline=None)
@given(pair=written(), where=st.sampled_from(["message", "argument", "field", "deep", "exception"]))
@example(pair=("13812345678", "手机13812345678李明"), where="message")
def test_no_phone_number_and_no_identity_card_survives_in_a_line(
    pair: tuple[str, str], where: str
) -> None:
    """P-34. However it was written and wherever it was put."""
    number, text = pair
    if where == "message":
        line = lines(text.replace("%", "%%"), extra={})
    elif where == "argument":
        line = lines("got %s and %r", text, [text])
    elif where == "field":
        line = lines("x", extra={"path": text, "task": {text: text}})
    elif where == "deep":
        line = lines("x", extra={"problem": [{"a": (text, {"b": text})}]})
    else:
        line = lines("x", exc_info=ValueError(text))
    said = {name: value for name, value in json.loads(line).items() if name != "time"}
    plain = digits(json.dumps(said, ensure_ascii=False))
    assert number not in plain
    assert not PHONE.search(plain)
    assert not CARD.search(plain)


@given(number=st.integers(10**10, 10**18))
def test_a_number_given_as_a_number_is_masked_like_one_given_as_text(number: int) -> None:
    """P-34"""
    line = lines("%d", number, extra={"account": number})
    assert str(number) not in line


def test_no_address_of_mail_survives() -> None:
    """P-34"""
    assert "example" not in lines("to li.ming@example.org <wang@example.cn> （zhao＠example.com）")


def test_a_field_that_is_not_listed_is_not_written() -> None:
    """P-34. Names cannot be recognised, so nothing that could be one is let in."""
    line = lines("x", extra={"who": "李明", "user": "li.ming", "label": "李明家", "status": 200})
    assert "李" not in line
    assert "li.ming" not in line
    assert json.loads(line)["status"] == 200


def test_an_exception_is_told_by_kind_and_place_and_not_by_its_message() -> None:
    """P-34. The database's messages quote the row that was refused."""

    def fails() -> None:
        try:
            raise KeyError("李明")
        except KeyError as cause:
            raise ValueError("Key (name)=(李明) already exists") from cause

    with pytest.raises(ValueError) as caught:
        fails()
    line = lines("failed", exc_info=caught.value)
    assert "李明" not in line
    kinds = [each["kind"] for each in json.loads(line)["exception"]]
    assert kinds == ["builtins.ValueError", "builtins.KeyError"]
    assert told(caught.value)[0]["places"][-1].endswith(" fails")


def test_short_numbers_dates_and_words_stay() -> None:
    """P-34"""
    for text in ("处理 2862 件", "2026-11-28", "error 500", "430521", "110", "12345"):
        assert masked(text) == text


@pytest.fixture
def requests() -> Iterator[list[dict[str, Any]]]:
    """The lines written for requests."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(PrivateFormatter())
    logger = logging.getLogger("huiyin.requests")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    seen: list[dict[str, Any]] = []

    class Lines(list):  # type: ignore[type-arg]
        def __iter__(self) -> Iterator[dict[str, Any]]:
            return iter([json.loads(line) for line in out.getvalue().splitlines()])

    yield Lines(seen)
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.mark.django_db
def test_a_request_is_told_by_the_pattern_of_its_address_with_status_and_time(
    requests: list[dict[str, Any]],
) -> None:
    """P-34"""
    answer = Client().get("/audit/777/?q=13812345678&name=李明")
    (line,) = requests
    assert line["path"] == "/audit/<int:event>/"
    assert (line["method"], line["view"], line["status"]) == ("GET", "audit:event", 302)
    assert line["milliseconds"] >= 0
    assert line["request"] == answer["X-Request-ID"]
    assert "777" not in json.dumps(line)
    assert "李明" not in json.dumps(line, ensure_ascii=False)


@pytest.mark.django_db
def test_an_address_that_is_not_there_is_not_written(requests: list[dict[str, Any]]) -> None:
    """P-34. What somebody typed can be anything."""
    Client().get("/li.ming/")
    (line,) = requests
    assert line["status"] == 404
    assert "path" not in line
    assert "li.ming" not in json.dumps(line)


@pytest.mark.django_db
def test_the_account_is_written_by_its_key_alone(requests: list[dict[str, Any]]) -> None:
    """P-34"""
    from tests.site.people import somebody

    account = somebody()
    client = Client()
    client.force_login(account)
    client.get("/")
    *_, line = requests
    assert line["account"] == account.pk
    assert account.username not in json.dumps(line)


def test_a_number_for_a_request_is_made_here_and_never_taken_from_outside() -> None:
    """P-34. A header could carry anything into the log."""
    answer = Client().get("/healthz", headers={"X-Request-ID": "13812345678"})
    assert re.fullmatch(r"[a-z]{12}", answer["X-Request-ID"])


def test_djangos_own_lines_that_name_addresses_are_silent() -> None:
    """P-34"""
    loggers = configuration()["loggers"]
    assert loggers["django.request"] == {"handlers": ["none"], "propagate": False}
    assert loggers["django.server"] == {"handlers": ["none"], "propagate": False}
