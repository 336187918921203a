"""Who is who in the tests of accounts: two cities, an office, a survey centre, a judged bureau."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest

from huiyin.audit.acts import Actor
from huiyin.organisation.models import Account, Holding, Unit, UnitKind
from huiyin.organisation.queries import actor_of
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.territory.models import Region

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
GOOD = "Qingxi-Town-2026"


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[Problem]]:
    """What stands inside is refused with a problem of this code."""
    with pytest.raises(Problem) as told:
        yield told
    assert told.value.code == code


class Cast:
    """安和市 with 云山县 and 临江县; an administrator of all, and one of 云山县 only."""

    def __init__(self) -> None:
        self.city = Region.objects.create(code="439900000000", name="安和市", level=2)
        self.county = Region.objects.create(
            code="439901000000", name="云山县", level=3, parent=self.city
        )
        self.other = Region.objects.create(
            code="439902000000", name="临江县", level=3, parent=self.city
        )
        self.office = self.unit("安和市平安办", UnitKind.OFFICE, self.city, judged=False)
        self.centre = self.unit("民意调查中心", UnitKind.SURVEY_CENTRE, self.city, judged=False)
        self.county_office = self.unit("云山县平安办", UnitKind.OFFICE, self.county, judged=False)
        self.police = self.unit("云山县公安局", UnitKind.POLICE, self.county, judged=True)
        self.root = self.account("root", "李明", self.office, Role.ADMINISTRATOR)
        self.local = self.account("local", "王芳", self.county_office)
        self.hold(self.local, Role.ADMINISTRATOR, region=self.county)

    def unit(self, name: str, kind: str, region: Region, *, judged: bool) -> Unit:
        return Unit.objects.create(name=name, kind=kind, region=region, judged=judged)

    def account(
        self, username: str, name: str = "张伟", unit: Unit | None = None, *roles: Role
    ) -> Account:
        """An account; its roles are held everywhere."""
        account = Account.objects.create(
            username=username, name=name, unit=unit, password="!", password_set_at=NOW
        )
        for role in roles:
            self.hold(account, role)
        return account

    def hold(
        self,
        account: Account,
        role: Role,
        *,
        unit: Unit | None = None,
        region: Region | None = None,
    ) -> Holding:
        return Holding.objects.create(account=account, role=role, unit=unit, region=region)

    def actor(self, account: Account) -> Actor:
        return actor_of(account, TODAY, address="10.0.0.7")


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()
