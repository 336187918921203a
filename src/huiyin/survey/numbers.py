"""Telephone numbers: read as people write them, kept encrypted, compared by a keyed hash.

A number in clear exists only inside :class:`Number`, which says nothing of itself where it is
printed; no problem raised here repeats what was typed. At rest there are two things: a ciphertext
(AES-256-GCM, NIST SP 800-38D) and a hash (HMAC-SHA-256, RFC 2104). Their keys come from the
settings ``NUMBERS_KEY`` and ``NUMBERS_PEPPER`` and are never in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from huiyin.problems import (
    NUMBER_ABROAD,
    NUMBER_LENGTH,
    NUMBER_NEEDS_AREA,
    NUMBER_OF_SERVICE,
    NUMBER_SEALED,
    NUMBER_UNREADABLE,
    Problem,
)

#: Of national numbers without the 0 before the area code.
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(10|2[0-57-9]|[3-9]\d{2})([2-8]\d{6,7})")
SERVICE = re.compile(r"1[012]\d{1,4}|9[56]\d{3,6}|[48]00\d{7}")
#: After 转 and the like; after a hyphen only where a whole number stands before it.
EXTENSION = re.compile(
    r"(?:转|轉|分机|分機|内线|ext\.?|x|#|(?<=\d{7})[-—](?=\d{1,4}$))\s*\d{1,6}$", re.IGNORECASE
)
AREA = re.compile(r"0?(10|2\d|[3-9]\d{2})")
#: First byte of a ciphertext; then key id, nonce, and what AES-GCM gives.
VERSION, KEY_ID, NONCE = b"\x01", 4, 12


class Kind(StrEnum):
    """What a number leads to."""

    MOBILE = "mobile"
    LANDLINE = "landline"


@dataclass(frozen=True, repr=False)
class Number:
    """A telephone number of the mainland; printing it prints nothing of it.

    Attributes:
        national: 11 digits of a mobile number, or area code without 0 and the local number.
        kind: what it leads to.
        area: digits of ``national`` that are the area code; 0 for a mobile number.
    """

    national: str
    kind: Kind
    area: int = 0

    def __repr__(self) -> str:
        return "Number(‹withheld›)"

    __str__ = __repr__

    @property
    def e164(self) -> str:
        return f"+86{self.national}"

    def digest(self) -> bytes:
        """The keyed hash by which numbers are compared, 32 bytes."""
        return digest_of(self.e164)

    def sealed(self) -> bytes:
        """The number encrypted; bound to its hash, so that one cannot be put in another's place."""
        return seal(self.e164, self.digest())

    def masked(self) -> str:
        """Such as 138****5678: for whoever typed the number, or may see it in this form."""
        before = self.national[:3] if self.kind is Kind.MOBILE else f"0{self.national[: self.area]}"
        return f"{before}****{self.national[-4:]}"


def normalise(text: str, area_code: str = "") -> Number:
    """Read a number as people write it.

    Takes full-width digits, blanks, hyphens and brackets, +86 and 0086, the 0 before an area code,
    an extension after 转 (which is dropped), and what Excel makes of a number (13812345678.0).

    Args:
        area_code: of numbers that are written without one, such as 0731.

    Raises:
        Problem: ``number-…``, without the number.
    """
    written = unicodedata.normalize("NFKC", text).strip().removeprefix("'").removesuffix(".0")
    bare = EXTENSION.sub("", written) if not written.startswith("+") else written
    digits = re.sub(r"[^\d+]", "", bare.partition(";")[0])
    if not digits or re.search(r"[^\W\d_]", bare):
        raise NUMBER_UNREADABLE()
    national = _national(digits)
    if SERVICE.fullmatch(national):
        raise NUMBER_OF_SERVICE()
    if MOBILE.fullmatch(national.removeprefix("0")):
        return Number(national.removeprefix("0"), Kind.MOBILE)
    return _landline(national, area_code)


def _national(digits: str) -> str:
    """The digits without the country code.

    Raises:
        Problem: ``number-abroad``.
    """
    if digits.startswith(("+", "00")):
        try:
            parsed = phonenumbers.parse("+" + digits.lstrip("+0"), None)
        except phonenumbers.NumberParseException:
            raise NUMBER_UNREADABLE() from None
        if parsed.country_code != 86:
            raise NUMBER_ABROAD()
        return phonenumbers.national_significant_number(parsed)
    if digits.startswith("86") and MOBILE.fullmatch(digits[2:]):
        return digits[2:]
    return digits


def _landline(national: str, area_code: str) -> Number:
    bare = national.removeprefix("0")
    whole = LANDLINE.fullmatch(bare)
    if whole and (national.startswith("0") or len(bare) > 8):
        return Number(bare, Kind.LANDLINE, len(whole[1]))
    if re.fullmatch(r"[2-8]\d{6,7}", national):
        area = AREA.fullmatch(area_code)
        if not area:
            raise NUMBER_NEEDS_AREA()
        return Number(area[1] + national, Kind.LANDLINE, len(area[1]))
    if len(national) >= 7 and national[0] == "1":
        raise NUMBER_LENGTH(digits=len(national), wanted=11)
    raise NUMBER_UNREADABLE()


# hashes


def digest_of(e164: str) -> bytes:
    """The keyed hash of a number, 32 bytes; ``e164`` is its whole form, +86…"""
    return hmac.digest(_pepper(settings.NUMBERS_PEPPER), e164.encode(), "sha256")


@lru_cache(maxsize=4)
def _pepper(secret: str) -> bytes:
    return _derived(secret, b"huiyin numbers: comparing")


# encryption


class _Key:
    """A key and its id; the id says nothing of the key."""

    __slots__ = ("cipher", "id")

    def __init__(self, secret: str) -> None:
        raw = _derived(secret, b"huiyin numbers: encrypting")
        self.id = hashlib.sha256(b"huiyin numbers: key id" + raw).digest()[:KEY_ID]
        self.cipher = AESGCM(raw)


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


@lru_cache(maxsize=4)
def _keys(secrets: str) -> tuple[_Key, ...]:
    """The keys in force, the one that encrypts first."""
    return tuple(_Key(each.strip()) for each in secrets.split(",") if each.strip())


def seal(e164: str, digest: bytes) -> bytes:
    """Encrypt a number with the newest key."""
    key = _keys(settings.NUMBERS_KEY)[0]
    nonce = os.urandom(NONCE)
    return VERSION + key.id + nonce + key.cipher.encrypt(nonce, e164.encode(), digest)


def unseal(sealed: bytes, digest: bytes) -> Number:
    """Decrypt a number with the key that its ciphertext names.

    The one place where a number comes back in clear: call it from an act that may show it.

    Raises:
        Problem: ``number-sealed``: the key is not here, or the ciphertext is not of this hash.
    """
    sealed, digest = bytes(sealed), bytes(digest)
    key = next((key for key in _keys(settings.NUMBERS_KEY) if key.id == key_id(sealed)), None)
    if key is None or sealed[:1] != VERSION:
        raise NUMBER_SEALED(key=key_id(sealed).hex())
    start = 1 + KEY_ID
    nonce, rest = sealed[start : start + NONCE], sealed[start + NONCE :]
    try:
        return _from_e164(key.cipher.decrypt(nonce, rest, digest).decode())
    except InvalidTag:
        raise NUMBER_SEALED(key=key_id(sealed).hex()) from None


def _from_e164(e164: str) -> Number:
    national = e164.removeprefix("+86")
    if MOBILE.fullmatch(national):
        return Number(national, Kind.MOBILE)
    found = LANDLINE.fullmatch(national)
    return Number(national, Kind.LANDLINE, len(found[1]) if found else 3)


def key_id(sealed: bytes) -> bytes:
    """The id of the key that a ciphertext was made with."""
    return bytes(sealed[1 : 1 + KEY_ID])


def current_key_id() -> bytes:
    """The id of the key that encrypts now."""
    return _keys(settings.NUMBERS_KEY)[0].id


def resealed(sealed: bytes, digest: bytes) -> bytes:
    """The same number under the newest key.

    Raises:
        Problem: ``number-sealed``.
    """
    return seal(unseal(sealed, digest).e164, bytes(digest))


def read_all(texts: Sequence[object], area_code: str = "") -> list[Number | Problem]:
    """Read many numbers; what cannot be read is its problem."""
    found: list[Number | Problem] = []
    for text in texts:
        try:
            found.append(normalise(str(text), area_code))
        except Problem as wrong:
            found.append(wrong)
    return found
