"""What a file is, by its content."""

from __future__ import annotations

import codecs
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from django.core.files import File

MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
}
#: Suffixes that fit a kind; the first is given to a file that has none of them.
SUFFIXES = {
    "xlsx": (".xlsx",),
    "docx": (".docx",),
    "csv": (".csv", ".txt", ".tsv"),
    "geojson": (".geojson", ".json"),
    "pdf": (".pdf",),
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg"),
}
KINDS = tuple(MIME)
GEOJSON = frozenset(
    {
        "FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString",
        "MultiLineString", "Polygon", "MultiPolygon",
    }
)  # fmt: skip
HEAD = 1 << 16
OLE = b"\xd0\xcf\x11\xe0"
#: A picture of more points than this on a side is no picture for a page.
MOST_POINTS = 20_000


def kind_of(file: File[bytes], kinds: Sequence[str]) -> str | None:
    """Which of some kinds a file is; None = none of them.

    An Excel workbook in the old or the encrypted form passes as ``xlsx``, so that the reader can
    say what to do with it.
    """
    for kind in kinds:
        file.seek(0)
        try:
            fits = CHECKS[kind](file)
        finally:
            file.seek(0)
        if fits:
            return kind
    return None


def _office(part: str) -> Callable[[Any], bool]:
    def check(file: Any) -> bool:
        head = file.read(4)
        if head == OLE:
            return part.startswith("xl/")
        if not head.startswith(b"PK"):
            return False
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive:
                return part in archive.NameToInfo
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return False

    return check


def _is_text(file: Any) -> bool:
    """UTF-8, UTF-16 or GB18030 without zero bytes, and neither markup nor JSON."""
    head = file.read(HEAD)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if b"\0" in head or head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"<", b"{", b"%"):
        return False
    return any(_decodes(head, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _is_geojson(file: Any) -> bool:
    if not file.read(HEAD).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return False
    file.seek(0)
    try:
        found = json.loads(file.read().decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("type") in GEOJSON


def _is_pdf(file: Any) -> bool:
    return _guessed(file.read(HEAD)) == "application/pdf"


def _is_png(file: Any) -> bool:
    head = file.read(HEAD)
    if _guessed(head) != "image/png" or head[12:16] != b"IHDR":
        return False
    sides = (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"))
    return all(0 < side <= MOST_POINTS for side in sides)


def _is_jpeg(file: Any) -> bool:
    if _guessed(file.read(HEAD)) != "image/jpeg":
        return False
    file.seek(-2, 2)
    return bool(file.read(2) == b"\xff\xd9")


def _guessed(head: bytes) -> str:
    import filetype

    return filetype.guess_mime(head) or ""


CHECKS: dict[str, Callable[[Any], bool]] = {
    "xlsx": _office("xl/workbook.xml"),
    "docx": _office("word/document.xml"),
    "csv": _is_text,
    "geojson": _is_geojson,
    "pdf": _is_pdf,
    "png": _is_png,
    "jpeg": _is_jpeg,
}
