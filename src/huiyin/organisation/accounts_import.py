"""Accounts from Excel: one row an account with one role; a second row adds another role."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.audit.acts import Actor, Place, may
from huiyin.furniture.exchange import (
    Change,
    Field,
    Row,
    Sheet,
    added,
    changed,
    choice,
    rejected,
    text,
)
from huiyin.furniture.exchange.parsing import narrow
from huiyin.organisation import account_actions as actions
from huiyin.organisation import account_acts as acts
from huiyin.organisation import holdings
from huiyin.organisation.forms.fields import find_region, find_unit
from huiyin.organisation.models import Account, Holding, Unit
from huiyin.organisation.queries import place_of
from huiyin.organisation.roles import Role
from huiyin.problems import (
    ACCOUNT_CLOSED,
    CELL_BAD_EMAIL,
    CELL_BAD_USERNAME,
    NAME_DIFFERS,
    NOT_PERMITTED,
    Problem,
)
from huiyin.territory.models import Region


def username(value: Any) -> str:
    """A sign-in name; full-width letters become ordinary ones, blanks are dropped."""
    found = re.sub(r"\s", "", narrow(value))
    if not re.fullmatch(r"[\w.@-]{1,150}", found):
        raise CELL_BAD_USERNAME(value=found[:40])
    return found


def email(value: Any) -> str:
    """An e-mail address."""
    found = re.sub(r"\s", "", narrow(value))
    try:
        validate_email(found)
    except ValidationError as wrong:
        raise CELL_BAD_EMAIL(value=found[:60]) from wrong
    return found


class AccountImport(Sheet):
    name = "organisation-accounts"
    title = _("Import accounts")
    act = acts.IMPORT_ACCOUNTS
    lead = _(
        "One row is one account with one role. Another row with the same sign-in name adds another"
        " role, held in the unit of that row; a row without a role moves the account to its unit."
        " Nobody gets a password here: make the sign-in links afterwards."
    )
    back = "organisation:accounts"
    columns = (
        Field("username", (_("Sign-in name"), "登录名", "用户名", "工号"), required=True,
              parse=username, sample="zhangwei"),
        Field("name", (pgettext_lazy("person", "Name"), "姓名"), required=True,
              parse=text(60), sample="张伟"),
        Field("unit", (_("Unit"), "单位", "单位名称"), parse=text(150), sample="安和市公安局",
              note=_("As it is called in the list of units")),
        Field("role", (_("Role"), "角色"), parse=choice(Role), choices=Role.labels),
        Field("region", (_("Region"), "区域", "区划代码"), parse=text(60),
              note=_("Only if the role reaches over another region than that of the unit")),
        Field("email", (_("E-mail"), "邮箱", "电子邮箱"), parse=email),
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        """What each row would do, tried in a transaction that is undone.

        Trying is what keeps the preview true: roles clash with one another across rows, and the
        same acts that write say whether they may be written.
        """
        changes = []
        with transaction.atomic():
            for row in rows:
                changes.append(self._try(row, actor))
            transaction.set_rollback(True)
        return changes

    def _try(self, row: Row, actor: Actor) -> Change:
        try:
            with transaction.atomic():
                return self._do(row, actor)
        except Problem as wrong:
            place = wrong.place if wrong.place in row.columns else ""
            return rejected(row, row.wrong(wrong.kind, place, **wrong.values), label=row["name"])

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        for change in changes:
            if change.row is not None:
                self._do(change.row, actor)

    def _do(self, row: Row, actor: Actor) -> Change:
        """Make the account of a row, or add its role to the one that there is.

        Raises:
            Problem: it cannot be taken.
        """
        unit, region = _unit(row), _region(row)
        account = Account.objects.filter(username__iexact=row["username"]).first()
        told = {"name": row["name"], "unit": str(unit or ""), "email": row.get("email", "")}
        if account is None:
            account = actions.create_account(
                actor, username=row["username"], name=row["name"], unit=unit,
                email=row.get("email", ""),
            )  # fmt: skip
            role = self._grant(row, actor, account, unit, region)
            return added(row, row["name"], {"username": row["username"], **told, "role": role})
        before = {"unit": str(account.unit or ""), "email": account.email, "role": ""}
        role = self._change(row, actor, account, unit, region)
        after = {"unit": str(account.unit or ""), "email": account.email, "role": role}
        return changed(row, account.name, before, after)

    def _grant(
        self, row: Row, actor: Actor, account: Account, unit: Unit | None, region: Region | None
    ) -> str:
        if row.get("role") is None:
            return ""
        role, today = Role(row["role"]), timezone.localdate()
        held = Holding.objects.filter(account=account, role=role, unit=unit, region=region)
        if held.filter(until=None).exists():
            return ""
        holdings.grant_role(actor, account, role, unit=unit, region=region, today=today)
        return str(role.label)

    def _change(
        self, row: Row, actor: Actor, account: Account, unit: Unit | None, region: Region | None
    ) -> str:
        """Bring an account that is there to what the row says; the title of the role it gains."""
        today = timezone.localdate()
        if account.name != row["name"]:
            raise NAME_DIFFERS(place="name", username=account.username, name=account.name)
        if not account.is_active:
            raise ACCOUNT_CLOSED(place="username", name=account.name)
        if not may(actor, acts.EDIT_ACCOUNT, place_of(account, today)):
            raise NOT_PERMITTED(place="username", act=acts.EDIT_ACCOUNT.title)
        moves = unit is not None and row.get("role") is None  # else the unit is the role's
        wanted = {"unit": unit if moves else account.unit, "email": row.get("email", account.email)}
        if wanted != {"unit": account.unit, "email": account.email}:
            actions.edit_account(actor, account, name=account.name, **wanted, today=today)
            account.refresh_from_db()
        return self._grant(row, actor, account, unit, region)

    def place_of(self, row: Row) -> Place | None:
        return None  # each act asks for its own place


def _unit(row: Row) -> Unit | None:
    try:
        return find_unit(row["unit"]) if row.get("unit") else None
    except Problem as wrong:
        raise wrong.kind(place="unit", **wrong.values) from wrong


def _region(row: Row) -> Region | None:
    try:
        return find_region(row["region"]) if row.get("region") else None
    except Problem as wrong:
        raise wrong.kind(place="region", **wrong.values) from wrong
