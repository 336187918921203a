"""The translation catalogues: find every string, hold them against the Chinese, compile them.

Sources are English; each room keeps its Chinese in ``locale/zh_Hans/LC_MESSAGES/django.po``. Done
with Babel, so that no gettext tools need be installed::

    python -m huiyin.site.catalogues update [ROOM ...]   # add new strings, drop dead ones
    python -m huiyin.site.catalogues check               # name every string without Chinese
    python -m huiyin.site.catalogues compile             # make the .mo files
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
PLACE = Path("locale", "zh_Hans", "LC_MESSAGES", "django.po")
#: Rooms whose words are said by this machinery; ``measure`` and the simulation have their own.
LEFT_OUT = {"measure"}
#: Files above the rooms: their words stand in the site's catalogue.
ABOVE = "site"
#: No dates and no names: a catalogue changes only when its words do.
HEADER = [
    ("Content-Type", "text/plain; charset=UTF-8"),
    ("Content-Transfer-Encoding", "8bit"),
    ("Language", "zh_Hans"),
    ("Plural-Forms", "nplurals=1; plural=0;"),
]
NAMED = re.compile(r"%\((\w+)\)[sd]|\{(\w+)[^}]*\}")


def rooms() -> list[str]:
    """The rooms that have words for the interface."""
    found = {file.relative_to(PACKAGE).parts[0] for file in PACKAGE.glob("*/**/apps.py")}
    return sorted(found - LEFT_OUT)


def catalogue_of(room: str) -> Path:
    return PACKAGE / room / PLACE


def sources_of(room: str) -> Iterator[Path]:
    """Python files and templates whose strings belong to a room."""
    if room == ABOVE:
        yield from sorted(PACKAGE.glob("*.py"))
    for pattern in ("**/*.py", "**/templates/**/*"):
        for file in sorted((PACKAGE / room).glob(pattern)):
            if file.is_file() and "migrations" not in file.parts:
                yield file


def strings_of(room: str) -> Catalog:
    """Every translatable string of a room, with the places where it stands.

    Raises:
        SyntaxError: a source cannot be read.
    """
    found = Catalog(locale="zh_Hans", charset="utf-8")
    keywords = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2)}
    keywords |= {"pgettext_lazy": ((1, "c"), 2), "gettext_noop": None}
    for file in sources_of(room):
        text = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            words = templatize(text, origin=str(file))
            text = "\n".join(line.strip() for line in words.splitlines())  # Python minds indents
        source = io.BytesIO(text.encode("utf-8"))
        place = file.relative_to(PACKAGE).as_posix()
        for _line, message, _comments, context in extract("python", source, keywords=keywords):
            found.add(message, locations=[(place, 0)], context=context)
    return found


def read(file: Path) -> Catalog:
    """The catalogue in a file; an empty one where there is none."""
    if not file.exists():
        return Catalog(locale="zh_Hans", charset="utf-8")
    with file.open("rb") as source:
        return read_po(source, locale="zh_Hans")


def update(room: str) -> None:
    """Bring a room's catalogue up to its sources: new strings empty, dead ones out."""
    known, found = read(catalogue_of(room)), strings_of(room)
    merged = Catalog(locale="zh_Hans", charset="utf-8")
    for message in found:
        if message.id:
            old = known.get(message.id, message.context)
            merged.add(
                message.id,
                string=old.string if old else None,
                locations=[(place, None) for place, _ in message.locations],
                context=message.context,
            )
    catalogue_of(room).parent.mkdir(parents=True, exist_ok=True)
    head = "\n".join(f'"{name}: {value}\\n"' for name, value in HEADER)
    with catalogue_of(room).open("wb") as out:
        out.write(f'# Huiyin: the Chinese of "{room}".\nmsgid ""\nmsgstr ""\n{head}\n\n'.encode())
        write_po(out, merged, sort_output=True, include_lineno=False, omit_header=True)


def missing(room: str) -> list[Message]:
    """The strings of a room that have no Chinese, or whose Chinese lost a named value."""
    known = read(catalogue_of(room))
    return [
        message
        for message in strings_of(room)
        if message.id and not _is_said(known.get(message.id, message.context))
    ]


def _is_said(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    said = message.string if isinstance(message.string, tuple | list) else (message.string,)
    meant = message.id if isinstance(message.id, tuple | list) else (message.id,)
    wanted = set(NAMED.findall(meant[-1]))
    return all(said) and all(set(NAMED.findall(text)) == wanted for text in said)


def compile_all() -> None:
    """Make the file that Django reads of every catalogue."""
    for room in rooms():
        file = catalogue_of(room)
        if file.exists():
            with file.with_suffix(".mo").open("wb") as out:
                write_mo(out, read(file))


def _check() -> int:
    gaps = [(room, message) for room in rooms() for message in missing(room)]
    for room, message in gaps:
        places = ", ".join(sorted({place for place, _ in message.locations}))
        print(f"{room}: no Chinese for {message.id!r} ({places})")
    print(f"{len(gaps)} strings without Chinese" if gaps else "every string has its Chinese")
    return 1 if gaps else 0


def main() -> int:
    """Run one of ``update``, ``check``, ``compile``."""
    parser = argparse.ArgumentParser(prog="python -m huiyin.site.catalogues")
    parser.add_argument("work", choices=("update", "check", "compile"))
    parser.add_argument("rooms", nargs="*", metavar="ROOM")
    asked = parser.parse_args()
    if asked.work == "check":
        return _check()
    each: Callable[[str], None] = update
    for room in asked.rooms or rooms() if asked.work == "update" else ():
        each(room)
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
