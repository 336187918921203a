"""The ``huiyin`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from huiyin import __version__
from huiyin.measure.errors import MeasureError

DONE, OUR_FAULT, WRONG_INPUT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    0 = done; 2 = the input is wrong, and stderr names file, key or column, and row; 1 = our
    fault.
    """
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
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


def _language(parsed: argparse.Namespace) -> str:
    return getattr(parsed, "language", None) or "en"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="huiyin", description="Huiyin 回音: ask, measure, act, answer, assess, publish."
    )
    parser.add_argument("--version", action="version", version=f"huiyin {__version__}")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_measure(commands)
    _add_demo(commands)
    return parser


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


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
