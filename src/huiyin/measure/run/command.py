"""``huiyin measure``: run, write, say what was found."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huiyin.measure.bulletin import FORMATS, write_bulletin
from huiyin.measure.engine import connect
from huiyin.measure.errors import MeasureError
from huiyin.measure.run.measuring import measure
from huiyin.measure.run.results import Progress, Results, silent
from huiyin.measure.run.telling import measurement
from huiyin.measure.run.writing import write_tables
from huiyin.measure.survey_file import load
from huiyin.measure.survey_file.model import ALL

PHASES = {
    "read": "reading the data",
    "check": "checking the data",
    "weigh": "weighting",
    "estimate": "estimating",
    "compare": "comparing rounds",
    "rank": "ranking",
    "model": "modelling small areas",
    "drivers": "finding drivers",
    "integrity": "checking integrity",
    "write": "writing tables",
    "bulletin": "writing the bulletin",
}


def run(options: argparse.Namespace) -> int:
    """Carry out the command; see ``huiyin measure --help``."""
    formats = _formats(options.formats)
    survey = load(Path(options.survey))
    out = Path(options.out)
    _check_folder(out)
    with _progress(options) as progress:
        results = measure(survey, connect(options.engine), progress)
        progress("write", 0.88)
        written = write_tables(results, out)
        progress("bulletin", 0.93)
        language = options.language or survey.publish.language
        if formats:
            written += write_bulletin(measurement(results, language), out, formats)
        progress("bulletin", 1.0)
    if options.json:
        print(json.dumps(summary(results, written), ensure_ascii=False))
    elif not options.quiet:
        print("\n".join(lines(results, written)))
    return 0


def _formats(text: str) -> list[str]:
    asked = [part.strip() for part in text.split(",") if part.strip()]
    if asked in ([], ["none"]):
        return []
    if unknown := [name for name in asked if name not in FORMATS]:
        raise MeasureError(
            "unknown-format",
            f"no format is called {', '.join(unknown)}; use {', '.join(FORMATS)} or none",
            f"没有名为 {'、'.join(unknown)} 的格式，可用 {'、'.join(FORMATS)} 或 none",
            place="--formats",
        )
    return asked


def _check_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".huiyin-write-test"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as wrong:
        raise MeasureError(
            "folder-not-writable",
            f"cannot write into the folder ({wrong.strerror}); name another",
            f"无法写入该文件夹（{wrong.strerror}），请另指定一个",
            place=f"--out {out}",
        ) from wrong


@contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Progress]:
    """A bar on a terminal, nothing otherwise."""
    if options.quiet or options.json or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def tell(phase: str, done: float) -> None:
            bar.update(task, completed=done, description=PHASES.get(phase, phase))

        yield tell


def summary(results: Results, written: list[Path]) -> dict[str, Any]:
    """What ``--json`` prints: the headline figures, counts of verdicts, files and warnings."""
    survey = results.survey
    return {
        "title": {"zh": survey.title.zh, "en": survey.title.en},
        "rounds": [
            {"name": name, "n": results.weighting.get(name, {}).get("n")}
            for name in _round_names(results)
        ],
        "headline": list(_headline(results)),
        "verdicts": _verdicts(results),
        "withheld": _withheld(results),
        "flags": None if results.integrity is None else _flags(results),
        "warnings": [{"en": en, "zh": zh} for en, zh in results.warnings],
        "files": [str(path) for path in written],
    }


def lines(results: Results, written: list[Path]) -> Iterator[str]:
    """The short summary on standard output."""
    yield results.survey.title.en
    for name in _round_names(results):
        n = results.weighting.get(name, {}).get("n")
        yield f"  {name}: " + ("published figures" if n is None else f"{n:,} respondents")
    for row in _headline(results):
        interval = ""
        if row["ci_low"] is not None:
            interval = f"  [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
        yield f"  {row['indicator']:<24} {row['estimate']:>10.2f}{interval}"
    verdicts = _verdicts(results)
    if verdicts:
        told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        yield f"  changes between rounds: {told}"
    withheld = _withheld(results)
    if withheld:
        yield f"  {withheld} figures withheld; see estimates.csv, column why_not"
    if results.integrity is not None:
        yield f"  integrity: {_flags(results)} flags (reasons to look, not verdicts)"
    for english, _ in results.warnings[:8]:
        yield f"  note: {english}"
    if len(results.warnings) > 8:
        yield f"  and {len(results.warnings) - 8} more notes, all in the bulletin"
    yield f"  {len(written)} files in {written[0].parent if written else '.'}"


def _round_names(results: Results) -> list[str]:
    if results.rounds:
        return [one.name for one in results.rounds]
    return list(results.full.notes["rounds"]) if results.full is not None else []


def _headline(results: Results) -> Iterator[dict[str, Any]]:
    """The whole area in the last round."""
    last = _round_names(results)[-1]
    for row in results.tables["estimates"].rows():
        if row["level"] == ALL and row["round"] == last and row["estimate"] is not None:
            yield {k: row[k] for k in ("indicator", "estimate", "se", "ci_low", "ci_high", "n")}


def _verdicts(results: Results) -> dict[str, int]:
    counts: dict[str, int] = {}
    for verdict in results.tables["changes"]["verdict"].to_pylist():
        if verdict is not None:
            counts[verdict] = counts.get(verdict, 0) + 1
    return counts


def _withheld(results: Results) -> int:
    table = results.tables["estimates"]
    return sum(not shown for shown in table["published"].to_pylist())


def _flags(results: Results) -> int:
    return sum(bool(flag) for flag in results.integrity["flagged"].to_pylist())
