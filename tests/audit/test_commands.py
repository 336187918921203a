"""``huiyin audit``: what it prints, and the statuses with which it ends."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from tests.audit.cast import Mallory, Write, sql, write

from huiyin.audit.actions import seal
from huiyin.audit.acts import SYSTEM
from huiyin.audit.commands import add
from huiyin.audit.models import Event
from huiyin.problems import Problem

__all__ = ["write"]
pytestmark = pytest.mark.django_db


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add(parser.add_subparsers())
    parsed = parser.parse_args(["audit", *arguments])
    return int(parsed.run(parsed))


@pytest.fixture
def events(write: Write) -> list[Event]:
    """Ten events; every guard is on."""
    written = [write(f"{turn}") for turn in range(10)]
    with Mallory():
        pass  # leaves all triggers on, those too that the tests leave off
    return written


def test_a_whole_chain_ends_with_status_0(
    events: list[Event], capsys: pytest.CaptureFixture[str]
) -> None:
    """P-34"""
    assert run("verify", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], told["checked"], told["findings"]) == (True, 10, [])


def test_a_tampered_chain_ends_with_status_3_and_names_lane_number_key_moment_and_act(
    events: list[Event], capsys: pytest.CaptureFixture[str]
) -> None:
    """P-34"""
    with Mallory() as mallory:
        mallory.change(events[4], label="x")
    assert run("verify") == 3
    line = capsys.readouterr().out.splitlines()[0]
    for part in (
        f" {events[4].lane} ",
        f"#{events[4].pk}",
        "trial.try",
        f"{events[4].at:%Y-%m-%d}",
    ):
        assert part in line


def test_a_whole_chain_whose_guard_is_off_ends_with_status_4(events: list[Event]) -> None:
    """P-34"""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE audit_event DISABLE TRIGGER audit_event_keep")
    assert run("verify") == 4


def test_what_head_prints_as_json_is_the_anchor_that_verify_takes(
    events: list[Event], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """P-34"""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert run("head", "--json") == 0
    kept = tmp_path / "head.json"
    kept.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("verify", "--anchor", str(kept)) == 0
    with Mallory() as mallory:
        mallory.rewrite(events[4], label="x")
    assert run("verify") == 0, "whoever rewrites to the end and moves the head is not found within"
    assert run("verify", "--anchor", str(kept)) == 3


def test_the_hash_of_a_checkpoint_is_an_anchor_too(events: list[Event], write: Write) -> None:
    """P-34"""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    head = str(seal(SYSTEM).after["head"])
    write("later")
    assert run("verify", "--anchor", head) == 0


@pytest.mark.parametrize("content", ["", "{}", '{"lanes": {"0": [1]}}', '{"lanes": 5}', "head"])
def test_a_file_that_is_no_anchor_is_refused_with_the_way_out(
    events: list[Event], tmp_path: Path, content: str
) -> None:
    """P-34"""
    kept = tmp_path / "head.json"
    kept.write_text(content)
    with pytest.raises(Problem) as refused:
        run("verify", "--anchor", str(kept))
    assert refused.value.code == "unreadable-anchor"


def test_an_anchor_whose_lanes_do_not_give_its_hash_was_itself_tampered_with(
    events: list[Event], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """P-34"""
    run("head", "--json")
    told = json.loads(capsys.readouterr().out)
    told["lanes"]["0"] = [99, "a" * 64]
    (tmp_path / "head.json").write_text(json.dumps(told))
    with pytest.raises(Problem):
        run("verify", "--anchor", str(tmp_path / "head.json"))


def test_an_unknown_hash_is_refused_rather_than_taken_for_proof(events: list[Event]) -> None:
    """P-34"""
    with pytest.raises(Problem) as refused:
        run("verify", "--anchor", "a" * 64)
    assert refused.value.code == "unknown-anchor"


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "28.11.2026"])
def test_a_day_that_cannot_be_read_is_refused(db: None, text: str) -> None:
    """P-34"""
    with pytest.raises(Problem) as refused:
        run("verify", "--since", text)
    assert refused.value.code == "unreadable-moment"
