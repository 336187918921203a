"""Every address and every operation of the API, with everybody, against the table of permissions.

The walk needs nothing of a room: it finds every address of the resolver. A view that names no act
and is not marked ``open_to_all`` fails it by its name. Each address is really asked, through all of
the middleware; the view itself is not run, because the walk stops where permission was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.urls.resolvers import RegexPattern
from django.utils import timezone
from ninja.operation import PathView

from huiyin.audit import acts as audit_acts
from huiyin.audit.acts import ACTS, Act, Actor, Place
from huiyin.furniture import api as furniture_api
from huiyin.furniture import views as furniture_views
from huiyin.organisation import tokens
from huiyin.organisation.models import Account, Holding, Token, Unit
from huiyin.organisation.permissions import TABLE, WALLED_FROM_JUDGED, Scope
from huiyin.organisation.roles import Role
from huiyin.territory.models import Region

pytestmark = pytest.mark.django_db

#: Addresses of others that carry no mark of ours, each with its reason.
OF_OTHERS = {
    "api:api-root": "ninja's root of the API, which answers 404 to everybody",
}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Door:
    """One address and method.

    Attributes:
        act: what it asks; None = open to all, or of others.
        marked: whether it says that it is open to all.
    """

    name: str
    path: str
    method: str
    act: Act | None
    marked: bool

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path} ({self.name})"


def patterns(
    resolver: URLResolver, root: str = "/", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for each in resolver.url_patterns:
        here = root + _sample(each)
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from patterns(each, here, inner)
        else:
            yield f"{space}{each.name or each.callback.__name__}", here, each


#: What stands for a parameter of an address, by the name of its converter.
SAMPLES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
}


def _sample(pattern: URLPattern | URLResolver) -> str:
    """A path that the pattern takes."""
    route = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        sample = SAMPLES.get({"string": "str"}.get(kind, kind)) or _by_regex(converter.regex)
        for form in (f"<{kind}:{name}>", f"<str:{name}>", f"<{name}>"):
            route = route.replace(form, sample)
        route = _replace_named(route, name, sample)
    return route.removeprefix("^").removesuffix("$").replace("(?P<provider_id>[^/]+)", "x")


def _replace_named(route: str, name: str, sample: str) -> str:
    start = route.find(f":{name}>")
    if start < 0:
        return route
    opened = route.rfind("<", 0, start)
    return route[:opened] + sample + route[start + len(name) + 2 :]


def _by_regex(regex: str) -> str:
    """A text that a converter of a room's own takes."""
    for text in ("430582000000", "1", "x", "430582", "2026", "2026-11-28", "a" * 64, "0" * 15):
        if re.fullmatch(regex, text):
            return text
    raise AssertionError(f"give the walk a sample for {regex}")


@cache
def doors() -> tuple[Door, ...]:
    """Every address of the site, an operation of the API for each of its methods."""
    found = []
    for name, where, pattern in patterns(get_resolver()):
        operations = _operations(pattern.callback)
        for method, view in operations or [("get", pattern.callback)]:
            marked = getattr(view, "open_to_all", False)
            found.append(Door(name, where, method, getattr(view, "act", None), marked))
    return tuple(found)


def _operations(callback: Callable[..., Any]) -> list[tuple[str, Callable[..., Any]]]:
    """The operations behind an address of the API; [] = it is a page."""
    for cell in getattr(callback, "__closure__", None) or ():
        if isinstance(cell.cell_contents, PathView):
            return [
                (method.lower(), operation.view_func)
                for operation in cell.cell_contents.operations
                for method in operation.methods
                if method.lower() in METHODS
            ]
    return []


def test_every_address_says_which_act_it_is_or_that_it_is_open_to_all() -> None:
    """P-35. Whoever adds an address decorates its view with @page(ACT) or @open_to_all."""
    silent = [
        str(door)
        for door in doors()
        if door.act is None and not door.marked and door.name not in OF_OTHERS
    ]
    assert silent == []


def test_no_address_is_both_an_act_and_open_to_all() -> None:
    assert [str(door) for door in doors() if door.act is not None and door.marked] == []


def test_the_reasons_for_addresses_of_others_name_addresses_that_exist() -> None:
    assert set(OF_OTHERS) <= {door.name for door in doors()}


def test_every_act_of_a_door_is_declared() -> None:
    assert {door.act.name for door in doors() if door.act} <= set(ACTS)


class Permitted(Exception):
    """The walk went through a door."""


@dataclass(frozen=True)
class Walker:
    """Somebody who tries every door.

    Attributes:
        roles: the roles he holds, everywhere or in a unit.
        judged: whether he belongs to a judged unit.
        scopes: the acts of his token; None = he has a session.
    """

    name: str
    roles: frozenset[Role] = frozenset()
    judged: bool = False
    scopes: frozenset[str] | None = None
    signed_in: bool = True

    def may(self, act: Act) -> bool:
        """What the table says, read here a second time and not by the code under test."""
        if self.scopes is not None and act.name not in self.scopes:
            return False
        if self.judged and act.guarded & WALLED_FROM_JUDGED:
            return False
        return bool(TABLE[act.name].keys() & self.roles)


TOKEN_ACTS = frozenset({"site.see_api", "organisation.see_units", "organisation.see_accounts"})
WALKERS = (
    Walker("visitor", signed_in=False),
    Walker("without a role"),
    *(
        Walker(role.value, frozenset({role}), judged=role in (Role.HANDLER, Role.HEAD))
        for role in Role
    ),
    Walker(
        "judged with roles of the centre",
        frozenset({Role.HANDLER, Role.SUPERVISOR, Role.DESIGNER, Role.OFFICE}),
        judged=True,
    ),
    Walker("token", frozenset({Role.ADMINISTRATOR}), scopes=TOKEN_ACTS),
)


@pytest.fixture
def unit() -> Unit:
    region = Region.objects.create(code="430000000000", name="湖南省", level=1)
    return Unit.objects.create(name="被评单位", kind="department", region=region, judged=True)


def enter(walker: Walker, unit: Unit) -> tuple[Client, dict[str, str]]:
    """A client that is who the walker is, and the headers of his token."""
    client = Client()
    if not walker.signed_in:
        return client, {}
    account = Account.objects.create(
        username=walker.name.replace(" ", "-"), name="走查", password="!",
        unit=unit if walker.judged else None,
    )  # fmt: skip
    Holding.objects.bulk_create(Holding(account=account, role=role) for role in walker.roles)
    if walker.scopes is None:
        client.force_login(account)
        return client, {}
    key, now = tokens.new_key(), timezone.now()
    Token.objects.create(
        account=account, name="walk", hint="x", digest=tokens.digest_of(key), made_at=now,
        scopes=sorted(walker.scopes), expires_at=now + timedelta(days=1),
    )  # fmt: skip
    return client, {"authorization": f"Bearer {key}"}


@pytest.fixture
def stop_behind_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission is asked as ever; where it is given, the walk turns back."""

    def require(actor: Actor, act: Act, place: Place | None = None) -> None:
        audit_acts.require(actor, act, place)
        raise Permitted

    monkeypatch.setattr(furniture_views, "require", require)
    monkeypatch.setattr(furniture_api, "require", require)
    monkeypatch.setattr("ninja.NinjaAPI.on_exception", _let_through(monkeypatch))


def _let_through(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    from ninja import NinjaAPI

    real = NinjaAPI.on_exception

    def on_exception(self: NinjaAPI, request: Any, wrong: Any) -> Any:
        if isinstance(wrong, Permitted):
            raise wrong
        return real(self, request, wrong)

    return on_exception


def answer(client: Client, headers: dict[str, str], door: Door) -> int | str:
    """The status that a door answers with, or "permitted"."""
    try:
        got = getattr(client, door.method)(door.path, headers=headers)
        if got.status_code == 405:
            got = client.post(door.path, headers=headers)
    except Permitted:
        return "permitted"
    return 401 if got.status_code == 302 and "/login/" in got["Location"] else got.status_code


def expected(walker: Walker, door: Door) -> int | str:
    assert door.act is not None
    if walker.scopes is not None and not door.path.startswith("/api/"):
        return 401  # a token opens the API only
    if walker.may(door.act):
        return "permitted"
    return 403 if walker.signed_in else 401


@pytest.mark.parametrize("walker", WALKERS, ids=lambda walker: walker.name)
@pytest.mark.usefixtures("stop_behind_the_door")
def test_every_door_opens_to_whom_the_table_names_and_to_nobody_else(
    walker: Walker, unit: Unit
) -> None:
    """P-35, 001-09: pages and API answer as the table has it, for everybody."""
    client, headers = enter(walker, unit)
    wrong = {}
    for door in doors():
        if door.act is not None:
            got, due = answer(client, headers, door), expected(walker, door)
            if got != due:
                wrong[str(door)] = f"answers {got}, the table says {due}"
    assert wrong == {}


def test_the_walk_finds_pages_operations_and_parameters() -> None:
    """A walk that finds nothing would pass."""
    names = {door.name for door in doors()}
    assert {"home", "organisation:account", "account_login", "api:description"} <= names
    assert all("<" not in door.path for door in doors())


def test_a_new_address_without_an_act_is_named() -> None:
    def silent(request: Any) -> None: ...

    resolver = URLResolver(RegexPattern(r"^/"), [path("new/<int:key>/", silent, name="new")])
    ((name, where, pattern),) = patterns(resolver)
    assert (name, where) == ("new", "/new/1/")
    assert not hasattr(pattern.callback, "act")


def test_no_role_may_do_acts_on_numbers_and_acts_on_answers() -> None:
    """Nobody sees numbers and answers together, not even by two acts."""
    from huiyin.organisation.account_rules import NEVER_TOGETHER
    from huiyin.organisation.permissions import shown

    assert [role for role in Role if shown([role]) >= NEVER_TOGETHER] == []


def test_no_role_of_judged_units_stands_in_a_row_behind_the_wall() -> None:
    """A row that a wall closes anyway would mislead whoever reads the table."""
    behind = [act.name for act in ACTS.values() if act.guarded & WALLED_FROM_JUDGED]
    assert [name for name in behind if TABLE[name].keys() & {Role.HANDLER, Role.HEAD}] == []


def test_the_auditor_changes_nothing_but_his_own_account() -> None:
    """GB/T 22239-2019, 8.1.5: who audits does not act.

    Sealing, verifying and drawing again to see that it gives the same are auditing: they leave an
    event and change nothing else.
    """
    auditing = {"survey.check_draw"}
    changing = [
        name
        for name, row in TABLE.items()
        if ACTS[name].changes
        and ACTS[name].room != "audit"
        and name not in auditing
        and row.get(Role.AUDITOR) not in (None, Scope.OWN)
    ]
    assert changing == []
