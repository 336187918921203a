"""What a password must be: the validators that Django and allauth ask, and what was used before."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin

from huiyin.organisation import account_rules as rules
from huiyin.organisation.models import Account, PasswordRecord


class KindsValidator:
    """Long enough, and of several kinds of characters."""

    def validate(self, password: str, user: Account | None = None) -> None:
        if len(password) < rules.PASSWORD_LENGTH:
            raise ValidationError(
                _("The password has %(length)s characters; it needs at least %(least)s."),
                code="password_too_short",
                params={"length": len(password), "least": rules.PASSWORD_LENGTH},
            )
        if rules.kinds_of_characters(password) < rules.PASSWORD_KINDS:
            raise ValidationError(
                _("Use at least three of these: small letters, capitals, digits, other signs."),
                code="password_too_plain",
            )

    def get_help_text(self) -> str:
        return _(
            "At least %(least)s characters, of three kinds: small letters, capitals, digits, signs."
        ) % {"least": rules.PASSWORD_LENGTH}


class NameValidator:
    """Not built from the name of its owner, nor from its pinyin."""

    def validate(self, password: str, user: Account | None = None) -> None:
        typed = password.casefold()
        if user is not None and any(part in typed for part in _names(user)):
            raise ValidationError(
                _("The password holds the name or the sign-in name of its owner. Choose another."),
                code="password_holds_name",
            )

    def get_help_text(self) -> str:
        return _("It does not hold your name, in characters or pinyin, nor your sign-in name.")


def _names(user: Account) -> set[str]:
    """Names too easily guessed; two letters would forbid too much."""
    syllables = lazy_pinyin(user.name)
    names = {user.username.casefold(), "".join(syllables), "".join(reversed(syllables))}
    return {name for name in names if len(name) >= 4} | (
        {user.name} if len(user.name) >= 2 else set()
    )


class HistoryValidator:
    """None of the last five. Django calls ``password_changed`` when one was saved."""

    def validate(self, password: str, user: Account | None = None) -> None:
        if user is None or user.pk is None:
            return
        former = PasswordRecord.objects.filter(account=user).values_list("password", flat=True)
        hashes = {user.password, *former[: rules.PASSWORD_HISTORY]}
        if any(check_password(password, each) for each in hashes if each):
            raise ValidationError(
                _("This password was used before. The last %(count)s may not be used again."),
                code="password_used_before",
                params={"count": rules.PASSWORD_HISTORY},
            )

    def get_help_text(self) -> str:
        return _("It is none of your last %(count)s passwords.") % {"count": rules.PASSWORD_HISTORY}

    def password_changed(self, password: str, user: Any = None) -> None:
        if user is None or not user.has_usable_password():
            return
        PasswordRecord.objects.create(account=user, password=user.password)
        kept = PasswordRecord.objects.filter(account=user).values("pk")[: rules.PASSWORD_HISTORY]
        PasswordRecord.objects.filter(account=user).exclude(pk__in=kept).delete()
