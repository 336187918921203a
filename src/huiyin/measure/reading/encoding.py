"""Which encoding a text file is in: UTF-8 or GB18030, by strict decoding, never by guessing.

GB18030 contains GBK and GB2312. UTF-8 is tried first, because Chinese text in GB18030 almost never
happens to be valid UTF-8, whereas the reverse is common.
"""

from __future__ import annotations

import codecs
import shutil
from pathlib import Path

from huiyin.measure.errors import MeasureError

CHUNK = 1 << 22
#: Below this code point UTF-8 uses at most two bytes, as chance hits of GBK text also do.
THREE_BYTES = 0x800


def detect_encoding(path: Path) -> str:
    """``utf-8``, ``utf-8-sig``, ``utf-16`` or ``gb18030``.

    Raises:
        MeasureError: ``not-text``; ``mixed-encodings`` naming the first line of each; or
            ``unknown-encoding`` naming the line and byte where decoding stops.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _check_utf16(path)
        return "utf-16"
    if _first_failure(path, "utf-8") is None:
        return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    _refuse_mixture(path)
    failure = _first_failure(path, "gb18030")
    if failure is not None:
        raise _undecodable(path, failure)
    if _looks_like_latin(path):
        raise _not_chinese()
    return "gb18030"


def transcode(path: Path, encoding: str, to: Path) -> None:
    """Write the text of ``path`` to ``to`` in UTF-8 without a byte order mark."""
    with (
        path.open(encoding=encoding, newline="") as source,
        to.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target, CHUNK)


def _first_failure(path: Path, encoding: str) -> int | None:
    """The offset of the first byte that is not valid, or None."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            if b"\0" in chunk:
                raise _not_text(read + chunk.index(b"\0"))
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as wrong:
                return read - pending + wrong.start
            if not chunk:
                return None
            read += len(chunk)


def _check_utf16(path: Path) -> None:
    try:
        with path.open(encoding="utf-16", newline="") as file:
            while text := file.read(CHUNK):
                if "\0" in text:
                    raise _not_text(0)
    except UnicodeError as wrong:
        raise _undecodable(path, getattr(wrong, "start", 0)) from wrong


def _refuse_mixture(path: Path) -> None:
    """Raise if one line is Chinese in UTF-8 and another is not valid UTF-8 at all."""
    utf8 = other = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            try:
                if max(map(ord, line.decode("utf-8"))) >= THREE_BYTES:
                    utf8 = utf8 or number
            except UnicodeDecodeError:
                other = other or number
            if utf8 and other:
                raise _mixed(utf8, other)


def _looks_like_latin(path: Path) -> bool:
    """Whether most two-byte characters are a high byte before an ASCII one.

    An accented letter before a plain one (Windows-1252: ``Regi\\xf3n``) decodes as a rare hanzi of
    GBK; in real GBK text at most a third of the characters have an ASCII second byte.
    """
    odd = total = 0
    with path.open(encoding="gb18030", newline="") as file:
        for line in file:
            if not line.isascii():
                pairs = [c.encode("gb18030") for c in line if not c.isascii()]
                total += len(pairs)
                odd += sum(len(pair) == 2 and pair[1] < 0x80 for pair in pairs)
            if total > 100_000:
                break
    return odd > total / 2


def _line_of(path: Path, offset: int) -> int:
    with path.open("rb") as file:
        return file.read(offset).count(b"\n") + 1


def _not_text(offset: int) -> MeasureError:
    return MeasureError(
        "not-text",
        f"this is not a text file (a zero byte at byte {offset + 1}); if it is a workbook or an"
        " SPSS or Stata file, give it its own suffix",
        f"这不是文本文件（第 {offset + 1} 字节为零字节）；若为 Excel、SPSS 或 Stata 文件，"
        "请使用相应的扩展名",
    )


def _mixed(utf8: int, other: int) -> MeasureError:
    return MeasureError(
        "mixed-encodings",
        f"line {utf8} is UTF-8 but line {other} is not; the file was put together from parts in"
        " different encodings; save all of it as UTF-8",
        f"第 {utf8} 行为 UTF-8 编码，而第 {other} 行不是；文件由不同编码的内容拼接而成，"
        "请统一另存为 UTF-8",
        place=f"line {other}",
    )


def _undecodable(path: Path, offset: int) -> MeasureError:
    line = _line_of(path, offset)
    return MeasureError(
        "unknown-encoding",
        f"neither UTF-8 nor GB18030 (GBK): byte {offset + 1}, in line {line}, belongs to neither;"
        " save the file as UTF-8",
        f"文件既不是 UTF-8 也不是 GB18030（GBK）编码：第 {line} 行（第 {offset + 1} 字节）无法解码"
        "，请另存为 UTF-8",
        place=f"line {line}",
    )


def _not_chinese() -> MeasureError:
    return MeasureError(
        "unknown-encoding",
        "not UTF-8, and as GB18030 (GBK) it makes no sense: probably a Western encoding such as"
        " Windows-1252; save the file as UTF-8",
        "文件不是 UTF-8，按 GB18030（GBK）解码也不成文，可能是西文编码（如 Windows-1252），"
        "请另存为 UTF-8",
    )
