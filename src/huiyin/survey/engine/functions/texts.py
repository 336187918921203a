"""Functions of text, and of answers with several choices."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import string as string_constants

from huiyin.survey.engine.context import Context, Nodes
from huiyin.survey.engine.functions.table import function
from huiyin.survey.engine.saving import uuid_of
from huiyin.survey.engine.values import Value, texts_of, to_string

_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384",
            "SHA-512": "sha512"}  # fmt: skip


@function("string", "any", gives="string")
def string(context: Context, value: Value) -> str:
    return to_string(value)


@function("concat", "any", gives="string", least=1, most=None)
def concat(context: Context, *values: Value) -> str:
    return "".join(_all_texts(values))


@function("join", "string", "any", gives="string", least=2, most=None)
def join(context: Context, separator: str, *values: Value) -> str:
    return separator.join(_all_texts(values))


def _all_texts(values: tuple[Value, ...]) -> list[str]:
    """Each text, and of each node-set the text of every node."""
    found: list[str] = []
    for value in values:
        found += texts_of(value)
    return found


@function("substr", "string", "number", "number", gives="string", least=2)
def substr(context: Context, text: str, start: float, end: float | None = None) -> str:
    if start != start or (end is not None and end != end):
        return ""
    return text[int(start) : None if end is None else int(end)]


@function("substring-before", "string", "string", gives="string")
def substring_before(context: Context, text: str, mark: str) -> str:
    return text.partition(mark)[0] if mark and mark in text else ""


@function("substring-after", "string", "string", gives="string")
def substring_after(context: Context, text: str, mark: str) -> str:
    return text.partition(mark)[2] if mark else text


@function("translate", "string", "string", "string", gives="string")
def translate(context: Context, text: str, old: str, new: str) -> str:
    first = {sign: at for at, sign in reversed(list(enumerate(old)))}
    table = {ord(sign): new[at] if at < len(new) else None for sign, at in first.items()}
    return text.translate(table)


@function("string-length", "string", gives="number")
def string_length(context: Context, text: str) -> float:
    return float(len(text))


@function("normalize-space", "string", gives="string", least=0)
def normalize_space(context: Context, text: str | None = None) -> str:
    return " ".join((context.node.text() if text is None else text).split())


@function("contains", "string", "string", gives="boolean")
def contains(context: Context, text: str, piece: str) -> bool:
    return piece in text


@function("starts-with", "string", "string", gives="boolean")
def starts_with(context: Context, text: str, piece: str) -> bool:
    return text.startswith(piece)


@function("ends-with", "string", "string", gives="boolean")
def ends_with(context: Context, text: str, piece: str) -> bool:
    return text.endswith(piece)


@function("uuid", "number", gives="string", least=0)
def uuid(context: Context, length: float | None = None) -> str:
    random = context.around.drawn(context.current)
    if length is None:
        return uuid_of(random)
    signs = string_constants.ascii_letters + string_constants.digits
    count = min(int(length), 1000) if length > 0 else 0
    return "".join(random.choice(signs) for _ in range(count))


@function("digest", "string", "string", "string", gives="string", least=2)
def digest(context: Context, text: str, algorithm: str, encoding: str = "base64") -> str:
    name = _DIGESTS.get(algorithm.upper())
    if name is None or encoding not in ("base64", "hex"):
        return ""
    made = hashlib.new(name, text.encode("utf-8"), usedforsecurity=False).digest()
    return made.hex() if encoding == "hex" else base64.b64encode(made).decode("ascii")


@function("base64-decode", "string", gives="string")
def base64_decode(context: Context, text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


@function("regex", "string", "string", gives="boolean")
def regex(context: Context, text: str, pattern: str) -> bool:
    """Whether the whole text matches; classes such as ``\\w`` are of ASCII (both as JavaRosa).

    A pattern that cannot be read matches nothing; one that is written out is refused at import.
    """
    try:
        return re.fullmatch(pattern, text, re.ASCII) is not None
    except re.error:
        return False


@function("selected", "string", "string", gives="boolean")
def selected(context: Context, chosen: str, code: str) -> bool:
    """Nothing is chosen where nothing is: ``selected('', '')`` is true, as in JavaRosa."""
    return code.strip() in (chosen.split() or [""])


function("is-selected", "string", "string", gives="boolean")(selected)


@function("selected-at", "string", "number", gives="string")
def selected_at(context: Context, chosen: str, index: float) -> str:
    codes = chosen.split()
    return codes[int(index)] if 0 <= index < len(codes) else ""


@function("count-selected", "any", gives="number")
def count_selected(context: Context, chosen: Value) -> float:
    return float(len(to_string(chosen).split()))


@function("jr:choice-name", "string", "nodes", gives="string")
def choice_name(context: Context, code: str, question: Nodes) -> str:
    return context.around.choice_label(question[0], code) if question else ""


@function("version", gives="string")
def version(context: Context) -> str:
    return context.around.version


@function("jr:itext", "string", gives="string")
def itext(context: Context, name: str) -> str:
    return context.around.itext(name)
