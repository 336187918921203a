"""Forms of accounts, roles, tokens and passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from huiyin.audit.acts import Actor, may
from huiyin.furniture.api import OFFERED
from huiyin.organisation import account_rules as rules
from huiyin.organisation.accounts_rights import title_of_room
from huiyin.organisation.forms.fields import DayField, RegionField, UnitField
from huiyin.organisation.models import Account
from huiyin.organisation.models.accounts import USERNAME
from huiyin.organisation.roles import Role
from huiyin.problems import TOKEN_SCOPES


class AccountForm(forms.Form):
    """Name, unit and address of an account."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    unit = UnitField(label=gettext_lazy("Unit"), required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Sign-in links are sent there, if a mail server is set up."),
    )

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["unit"].stem = stem  # type: ignore[attr-defined]


class NewAccountForm(AccountForm):
    """The same, with the sign-in name, which stays."""

    username = forms.CharField(
        label=gettext_lazy("Sign-in name"),
        max_length=150,
        validators=[USERNAME],
        help_text=gettext_lazy("A staff number or pinyin; it cannot be changed later."),
    )
    field_order = ("username", "name", "unit", "email")


class RoleForm(forms.Form):
    """A role, where, and between which days."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("", gettext_lazy("Choose a role")), *Role.choices],  # none is granted by mistake
    )
    unit = UnitField(
        label=gettext_lazy("Unit"),
        required=False,
    )
    region = RegionField(label=gettext_lazy("Region"), required=False)
    since = DayField(label=gettext_lazy("Since"), required=False)
    until = DayField(label=gettext_lazy("Until"), required=False)

    def __init__(self, *args: Any, stem: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("unit", "region"):
            self.fields[name].stem = stem  # type: ignore[attr-defined]
        self.fields["region"].help_text = _(
            "Name or code. Empty: the region of the unit; without a unit, everywhere."
        )


class TokenForm(forms.Form):
    """What a token is for, what it may do, and for how long."""

    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=60)
    days = forms.IntegerField(
        label=gettext_lazy("Good for (days)"), min_value=1, max_value=rules.TOKEN_DAYS, initial=90
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        scopes: Any = self.fields["scopes"]
        scopes.error_messages["required"] = TOKEN_SCOPES().message
        scopes.choices = _offered(actor)


def _offered(actor: Actor) -> list[tuple[str, list[tuple[str, Any]]]]:
    """What the API does and the actor may, by room."""
    rooms: dict[str, list[tuple[str, Any]]] = {}
    for act in sorted(OFFERED, key=lambda each: each.name):
        if may(actor, act):
            rooms.setdefault(title_of_room(act.room), []).append((act.name, act.title))
    return list(rooms.items())


class FirstPasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The same once more"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, account: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        self.account = account
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.account)
        return password

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "password" in values and values.get("again") != values["password"]:
            self.add_error("again", _("The two are not the same. Type both again."))
        return values
