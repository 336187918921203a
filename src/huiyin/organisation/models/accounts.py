"""The accounts of the people who work in units, the roles they hold, and how they prove it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.organisation.models.units import Unit
from huiyin.organisation.roles import Role
from huiyin.territory.models import Region

#: A sign-in name may be a staff number, letters, or Chinese; no blanks, nothing that looks alike.
USERNAME = RegexValidator(r"^[\w.@-]+\Z", _("Letters, digits and . _ - @ only, without blanks."))


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> Account:
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username__iexact=username)


class Account(AbstractBaseUser):
    """Somebody who can sign in."""

    username = models.CharField(
        _("Sign-in name"), max_length=150, unique=True, validators=[USERNAME]
    )
    name = models.CharField(pgettext_lazy("person", "Name"), max_length=60)
    email = models.EmailField(_("E-mail"), blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="accounts",
        verbose_name=_("Unit"),
    )  # fmt: skip
    is_active = models.BooleanField(_("May sign in"), default=True)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)
    password_set_at = models.DateTimeField(_("Password set"), null=True, blank=True)
    must_change_password = models.BooleanField(_("Must change the password"), default=False)

    objects = AccountManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]  # noqa: RUF012 (Django declares a list)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(Lower("username"), name="account_username_once_in_any_case"),
        )

    def __str__(self) -> str:
        return self.name or self.username


class Holding(models.Model):
    """A role that an account holds, where and between which dates."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="holdings",
        verbose_name=_("Account"),
    )  # fmt: skip
    role = models.CharField(_("Role"), max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("Unit"))
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, verbose_name=_("Region"),
        help_text=_("Empty = everywhere"),
    )  # fmt: skip
    since = models.DateField(_("Since"), null=True, blank=True)
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        verbose_name = _("role held")
        verbose_name_plural = _("roles held")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(since=None)
                | models.Q(until=None)
                | models.Q(until__gte=models.F("since")),
                name="role_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id}: {self.get_role_display()}"


class PasswordRecord(models.Model):
    """A password that an account had, as its hash: the last ones may not be used again."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_records"
    )
    password = models.CharField(max_length=128)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("former password")
        verbose_name_plural = _("former passwords")
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%Y-%m-%d}"


class Invitation(models.Model):
    """A link, good once and for some days, by which somebody sets the password of an account.

    Only the digest of the link's key is kept: who reads the database cannot use it.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(_("Made by"), max_length=150)
    made_at = models.DateTimeField(_("Made"))
    expires_at = models.DateTimeField(_("Expires"))
    used_at = models.DateTimeField(_("Used"), null=True)
    withdrawn_at = models.DateTimeField(_("Withdrawn"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.account_id} {self.made_at:%Y-%m-%d}"


class Token(models.Model):
    """A key by which a program acts for an account, limited to some acts and some days."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(_("What it is for"), max_length=60)
    hint = models.CharField(_("Begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("Acts"))
    made_at = models.DateTimeField(_("Made"))
    expires_at = models.DateTimeField(_("Expires"))
    used_at = models.DateTimeField(_("Last used"), null=True)
    revoked_at = models.DateTimeField(_("Revoked"), null=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class SignInAttempt(models.Model):
    """One try to sign in. What was typed as name is kept as a digest: it may be a password."""

    name = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()
    failed = models.BooleanField(default=True)
    locks_name = models.BooleanField(default=False)
    locks_address = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("attempt to sign in")
        verbose_name_plural = _("attempts to sign in")
        default_permissions = ()
        indexes = (
            models.Index(fields=("name", "at"), name="sign_in_attempt_by_name"),
            models.Index(fields=("address", "at"), name="sign_in_attempt_by_address"),
            models.Index(fields=("at",), name="sign_in_attempt_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.at:%Y-%m-%d %H:%M}"
