"""The cast of the tests of pages: a city, its office, and somebody in it."""

from __future__ import annotations

from huiyin.organisation.models import Account, Holding, Unit, UnitKind
from huiyin.organisation.roles import Role
from huiyin.territory.models import Region

#: Codes 99… are given to no province.
PLACES = (
    ("990000000000", "江南省", 1), ("991100000000", "安和市", 2), ("991101000000", "清河县", 3),
    ("991102000000", "东山区", 3), ("991101001000", "清河镇", 4), ("991101002000", "石桥乡", 4),
)  # fmt: skip


def city() -> Region:
    """Regions down to the towns; gives the city."""
    for code, name, level in PLACES:
        above = Region.objects.filter(level=level - 1).order_by("code").first()
        Region.objects.create(code=code, name=name, level=level, parent=above)
    return Region.objects.get(level=2)


def office() -> Unit:
    """The office for social governance, which is not judged."""
    return Unit.objects.create(
        name="安和市委政法委员会",
        short_name="市委政法委",
        kind=UnitKind.OFFICE,
        region=city(),
        judged=False,
    )


def somebody(
    role: Role = Role.OFFICE, username: str = "li.ming", unit: Unit | None = None
) -> Account:
    """An account that holds one role, everywhere."""
    account = Account.objects.create_user(username, name="李明", unit=unit)
    Holding.objects.create(account=account, role=role, unit=unit)
    return account
