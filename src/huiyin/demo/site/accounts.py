"""Accounts of every role, to sign in with and look around."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils.translation import override

from huiyin.demo.city import CODE
from huiyin.demo.site.cast import MAKER, Cast
from huiyin.organisation.account_actions import create_account
from huiyin.organisation.holdings import grant_role
from huiyin.organisation.models import Account
from huiyin.organisation.roles import Role

#: One password for all: these are accounts of a city that does not exist.
PASSWORD = "Anhe-echo-2026"


class Played(NamedTuple):
    """An account: sign-in name, unit by region and short name, role, and what it may try."""

    username: str
    region: str
    unit: str
    role: Role
    tries: str


def roles_played(cast: Cast) -> list[Played]:
    """Every role once, and some twice where two must meet."""
    county, town = cast.city.counties[0], cast.city.towns[0]
    return [
        Played("admin", CODE, "平安办", Role.ADMINISTRATOR, "系统管理员：账号、角色、行政区划"),
        Played("office", CODE, "平安办", Role.OFFICE, "市平安办：全市"),
        Played("county", county, "平安办", Role.OFFICE, "县（区）平安办：本县（区）"),
        Played("designer", CODE, "民调中心", Role.DESIGNER, "民调中心：问卷与抽样设计"),
        Played("supervisor", CODE, "民调中心", Role.SUPERVISOR, "民调中心：督导"),
        Played("caller1", CODE, "民调中心", Role.INTERVIEWER, "民调中心：访问员"),
        Played("caller2", CODE, "民调中心", Role.INTERVIEWER, "民调中心：访问员"),
        Played("verifier", CODE, "民调中心", Role.VERIFIER, "民调中心：复核员"),
        Played("handler", town, "", Role.HANDLER, "街道：经办人"),
        Played("head", town, "", Role.HEAD, "街道：负责人"),
        Played("police", CODE, "公安局", Role.HANDLER, "市公安局：经办人"),
        Played("leader", CODE, "政府办", Role.LEADER, "市领导"),
        Played("auditor", CODE, "审计局", Role.AUDITOR, "审计员：审计记录"),
    ]


def make_accounts(cast: Cast) -> None:
    """One account for each part; all sign in with the same password."""
    hashed = make_password(PASSWORD)
    for played in roles_played(cast):
        unit = cast.units[played.region, played.unit]
        account = create_account(MAKER, username=played.username, name=next(cast.names), unit=unit)
        Account.objects.filter(pk=account.pk).update(
            password=hashed, password_set_at=cast.now, must_change_password=False
        )
        in_unit = played.role in (Role.HANDLER, Role.HEAD)
        grant_role(
            MAKER, account, played.role, today=cast.today,
            unit=unit if in_unit else None, region=None if in_unit else unit.region,
        )  # fmt: skip


def announcement() -> str:
    """What to print: who can sign in, and with what."""
    with override("zh-hans"):
        return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"演示账号，密码均为 {PASSWORD} · accounts of the demo, one password for all"
    held = Account.objects.filter(holdings__isnull=False).select_related("unit")
    for account in held.prefetch_related("holdings").order_by("pk").distinct():
        roles = "、".join(str(each.get_role_display()) for each in account.holdings.all())
        yield f"  {account.username:<12}{roles}（{account.unit}）"
