"""``huiyin demo``: the city that never was, to look at and to try everything on."""

from __future__ import annotations

import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "demo",
        help="measure a simulated city and show its bulletin",
        description="Simulate two rounds of interviews in a fictional city of 8 counties and 102"
        " townships, measure them, and open the bulletin.",
    )
    command.add_argument("--out", default="out/demo", metavar="DIR")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--no-open", action="store_true", help="do not open the bulletin")
    command.set_defaults(run=_demo)


def _demo(parsed: argparse.Namespace) -> int:
    from huiyin.demo.command import run

    return run(parsed)
