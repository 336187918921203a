"""Keys of links and tokens: shown once, kept as digests only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from huiyin.organisation.models import Invitation, Token

#: Every token begins with this, so that one that was published by mistake is found.
PREFIX = "hy_"
#: How often the last use is written: once in five minutes is enough to see that it is alive.
USE_NOTED = timedelta(minutes=5)


def new_key() -> str:
    """A key that cannot be guessed (256 bits), safe in an address."""
    return secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """What is kept of a key. It is random, so a plain hash cannot be searched."""
    return hashlib.sha256(key.encode()).hexdigest()


def token_of(key: str, now: datetime) -> Token | None:
    """The token with this key, if it is still good and its account open."""
    return (
        Token.objects.filter(
            digest=digest_of(key), revoked_at=None, expires_at__gt=now, account__is_active=True
        )
        .select_related("account__unit__region")
        .first()
    )


def note_use(token: Token, now: datetime) -> None:
    """Write down that a token was used, not oftener than once in five minutes."""
    long_ago = Q(used_at=None) | Q(used_at__lt=now - USE_NOTED)
    Token.objects.filter(long_ago, pk=token.pk).update(used_at=now)


def invitation_of(key: str, now: datetime) -> Invitation | None:
    """The invitation with this key, if its link is still good."""
    return (
        Invitation.objects.filter(
            digest=digest_of(key),
            used_at=None,
            withdrawn_at=None,
            expires_at__gt=now,
            account__is_active=True,
        )
        .select_related("account")
        .first()
    )
