"""Is this file safe to open as a workbook? Asked before anything unpacks or parses it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from huiyin.problems import (
    FILE_DAMAGED,
    FILE_DECLARES,
    FILE_EMPTY,
    FILE_KIND,
    FILE_PROTECTED,
    FILE_SWELLS,
    OLD_EXCEL,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: A workbook of 200,000 rows of 40 columns unpacks to about 300 MB in a dozen parts.
MOST_PARTS = 2_000
MOST_BYTES = 512 * 2**20
#: Sheets shrink to a tenth, at most a fiftieth; what shrinks more was made to swell.
MOST_RATIO = 200
#: Small parts may shrink as they like.
SMALL = 2**20
#: A document type can only stand before the root element.
HEAD = 4096


def check_archive(path: Path) -> None:
    """Refuse what is no workbook, what would swell beyond reason, and what declares entities.

    Python reads no more of a part than the archive says it holds, so what it says can be relied on.

    Raises:
        Problem: ``file-empty``, ``old-excel``, ``file-protected``, ``file-kind``, ``file-damaged``,
            ``file-swells`` or ``file-declares``.
    """
    _check_signature(path)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise FILE_KIND(kinds="xlsx")
            for part in parts:
                _check_head(archive, part)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as wrong:
        raise FILE_DAMAGED() from wrong
    except RuntimeError as wrong:  # zipfile on a part with a password
        raise FILE_PROTECTED() from wrong


def _check_signature(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8)
        if not head:
            raise FILE_EMPTY()
        if head == OLE:
            raise FILE_PROTECTED() if ENCRYPTED in file.read(2**22) else OLD_EXCEL()
    if not head.startswith(b"PK"):
        raise FILE_KIND(kinds="xlsx")


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise FILE_SWELLS()
    for part in parts:
        if part.file_size > SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise FILE_SWELLS()


def _check_head(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if not part.filename.endswith((".xml", ".rels", ".vml")):
        return
    with archive.open(part) as content:
        head = content.read(HEAD)
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FILE_DECLARES()
