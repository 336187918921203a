"""``huiyin demo``: the city that never was, to look at and to try everything on."""

from __future__ import annotations

import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "demo",
        help="build a simulated city, measure it, serve it",
        description="A fictional city of 8 counties and 102 townships: a site with its units and"
        " accounts, or (--measure-only) two simulated rounds of interviews and their bulletin.",
    )
    command.add_argument("--measure-only", action="store_true", help="no site: only the bulletin")
    command.add_argument(
        "--out", default="out/demo", metavar="DIR", help="folder of the simulated survey"
    )
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--no-open", action="store_true", help="do not open the bulletin")
    command.add_argument(
        "--data", default="out/demo/site", metavar="DIR", help="data folder of the demo site"
    )
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS")
    command.add_argument("--port", type=int, default=8000, metavar="N")
    command.set_defaults(run=_demo)


def _demo(parsed: argparse.Namespace) -> int:
    if parsed.measure_only:
        from huiyin.demo.command import run

        return run(parsed)
    from huiyin.demo.serving import serve_city

    return serve_city(parsed)
