"""``python -m bench [TOPIC ...]``: run the benchmarks and print a table of figures and targets."""

from __future__ import annotations

import argparse
import importlib
import platform
import statistics
import sys
from pathlib import Path

from bench.harness import Case, Measured, cases, run

HERE = Path(__file__).resolve().parent

HEADER = (
    "| case | median s | min–max s | peak MB | target | ratio | note |\n"
    "|---|---:|---:|---:|---|---:|---|"
)


def topics() -> list[str]:
    """Modules beside this one that list cases."""
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    return [
        name
        for name in names
        if name != "harness" and hasattr(importlib.import_module(f"bench.{name}"), "CASES")
    ]


def machine() -> str:
    """Processor, cores, memory and Python, for the head of the table."""
    import os

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()},"
        f" {platform.system()}"
    )


def line(case: Case, measured: Measured, baseline: Measured | None) -> str:
    """One row of the table."""
    targets = []
    if case.seconds is not None:
        targets.append(f"≤ {case.seconds:g} s")
    if case.megabytes is not None:
        targets.append(f"≤ {case.megabytes:g} MB")
    ratio = ""
    if baseline is not None:
        ratio = f"{measured.median / baseline.median:.2f}"
        targets.append(f"≤ {case.ratio:g} × {case.baseline}" if case.ratio else "")
    spread = f"{min(measured.seconds):.2f}–{max(measured.seconds):.2f}"
    name = case.name if case.peer == "huiyin" else f"{case.name} ({case.peer})"
    return (
        f"| {name} | {statistics.median(measured.seconds):.2f} | {spread} |"
        f" {measured.peak_megabytes:.0f} | {', '.join(t for t in targets if t)} | {ratio} |"
        f" {case.note} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("topics", nargs="*", help="all of them if none is named")
    parser.add_argument("--repeats", type=int, help="instead of each case's own")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    asked = parser.parse_args()
    print(f"{machine()}\n", flush=True)
    for topic in asked.topics or topics():
        print(f"## {topic}\n\n{HEADER}", flush=True)
        done: dict[str, Measured] = {}
        for name, case in cases(topic).items():
            if asked.only not in name:
                continue
            done[name] = run(topic, case, asked.repeats)
            baseline = done.get(case.baseline) if case.baseline else None
            print(line(case, done[name], baseline), flush=True)
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
