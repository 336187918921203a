"""The accounts of the people who work in units, and the roles they hold."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.models.units import Unit
from huiyin.organisation.roles import Role
from huiyin.territory.models import Region


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

    username = models.CharField(_("Sign-in name"), max_length=150, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    email = models.EmailField(_("E-mail"), blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="accounts",
        verbose_name=_("Unit"),
    )  # fmt: skip
    is_active = models.BooleanField(_("May sign in"), default=True)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)

    objects = AccountManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]  # noqa: RUF012 (Django declares a list)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or self.username


class Holding(models.Model):
    """A role that an account holds, where and between which dates."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="holdings")
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

    def __str__(self) -> str:
        return f"{self.account_id}: {self.get_role_display()}"
