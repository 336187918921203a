"""The ``huiyin`` command: what can be measured without a site, and every room's commands.

A room's ``commands.py`` has ``add(commands)`` and imports nothing of Django, so that ``huiyin
measure`` starts without it. A command with ``needs_site=True`` gets ``--data`` and runs with server
and Django ready; with ``needs_data=True`` it gets ``--data`` only.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import huiyin
from huiyin import __version__
from huiyin.measure.errors import MeasureError

DONE, OUR_FAULT, WRONG_INPUT = 0, 1, 2
DATA_HELP = "folder of database, uploads and secrets (default: HUIYIN_DATA, or ./huiyin-data)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    0 = done; 2 = the input is wrong, and stderr names file, key or column, and row; 1 = our
    fault.
    """
    parsed = _parser().parse_args(arguments)
    try:
        return _run(parsed)
    except MeasureError as wrong:
        print(wrong.in_language(_language(parsed)), file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; there is nobody to tell
        return DONE
    except Exception as fault:
        if parsed.debug:
            raise
        print(
            f"huiyin: internal error: {type(fault).__name__}: {fault}\n"
            "This is a fault of the program. Run again with --debug and report what it prints.",
            file=sys.stderr,
        )
        return OUR_FAULT


def _run(parsed: argparse.Namespace) -> int:
    if not parsed.needs_site:
        return int(parsed.run(parsed))
    try:
        from huiyin.site.running.session import run_on_site
    except ModuleNotFoundError as missing:
        print(
            f"huiyin {parsed.command} needs the site, which is not installed ({missing.name} is"
            " missing). Install it with: pip install 'huiyin[site]'",
            file=sys.stderr,
        )
        return WRONG_INPUT
    return run_on_site(parsed)


def _language(parsed: argparse.Namespace) -> str:
    return getattr(parsed, "language", None) or "en"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="huiyin", description="Huiyin 回音: ask, measure, act, answer, assess, publish."
    )
    parser.add_argument("--version", action="version", version=f"huiyin {__version__}")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.set_defaults(needs_site=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_measure(commands)
    for room in _rooms_with_commands():
        importlib.import_module(f"huiyin.{room}.commands").add(commands)
    for command in _leaves(commands):
        if command.get_default("needs_site") or command.get_default("needs_data"):
            command.add_argument("--data", metavar="DIR", help=DATA_HELP)
    return parser


def _rooms_with_commands() -> list[str]:
    """Every room that has commands, the site's first: they begin and keep all others."""
    found = [file.parent.name for file in Path(huiyin.__file__).parent.glob("*/commands.py")]
    return sorted(found, key=lambda room: (room != "site", room))


def _leaves(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> Iterator[argparse.ArgumentParser]:
    """The commands that have no commands below them."""
    for command in commands.choices.values():
        below = [part for part in command._actions if isinstance(part, argparse._SubParsersAction)]
        if below:
            yield from _leaves(below[0])
        else:
            yield command


def _add_measure(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "measure",
        help="from a survey file to tables and a bulletin",
        description="Estimates, changes, ranks, small areas and drivers of a survey, with a"
        " bulletin, as the survey file (TOML) says.",
    )
    command.add_argument("survey", metavar="SURVEY.toml")
    command.add_argument(
        "--out", required=True, metavar="DIR", help="folder for tables and bulletin"
    )
    command.add_argument(
        "--engine",
        default="duckdb",
        metavar="ENGINE",
        help="duckdb (default), local-spark, or spark://HOST:PORT",
    )
    command.add_argument(
        "--formats",
        default="html,docx,xlsx,pdf",
        metavar="LIST",
        help="of the bulletin, separated by commas; 'none' for tables only",
    )
    command.add_argument(
        "--language", choices=("zh", "en"), help="of bulletin and messages (default: the file's)"
    )
    command.add_argument(
        "--json", action="store_true", help="print one JSON object and nothing else"
    )
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")
    command.set_defaults(run=_measure)


def _measure(parsed: argparse.Namespace) -> int:
    from huiyin.measure.run.command import run

    return run(parsed)


if __name__ == "__main__":
    sys.exit(main())
