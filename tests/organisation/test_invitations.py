"""Sign-in links: good once, for a week, for whoever has them; accounts from Excel."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.organisation.account_cast import GOOD, NOW, TODAY, Cast, cast, refused

from huiyin.audit.models import Event
from huiyin.furniture.exchange import Row, Where
from huiyin.organisation import account_actions as actions
from huiyin.organisation import tokens
from huiyin.organisation.accounts_import import AccountImport, email, username
from huiyin.organisation.commands import link_for_administrator
from huiyin.organisation.models import Account, Invitation
from huiyin.organisation.queries import actor_of
from huiyin.organisation.roles import Role
from huiyin.problems import Problem

__all__ = ["cast"]


def invited(cast: Cast) -> tuple[Account, str]:
    account = actions.create_account(
        cast.actor(cast.root), username="zhang", name="张伟", unit=cast.office
    )
    return account, actions.invite(cast.actor(cast.root), account, NOW, TODAY)[0]


def test_a_link_sets_a_password_once(cast: Cast) -> None:
    """P-35."""
    account, key = invited(cast)
    actions.accept_invitation(key, GOOD, NOW, "10.0.0.7")
    account.refresh_from_db()
    assert account.check_password(GOOD)
    with refused("link-invalid"):
        actions.accept_invitation(key, GOOD + "x", NOW, "10.0.0.7")


@pytest.mark.parametrize(("days", "seconds", "good"), [(7, -1, True), (7, 0, False)])
def test_a_link_is_good_for_seven_days(days: int, seconds: int, good: bool, cast: Cast) -> None:
    _account, key = invited(cast)
    later = NOW + timedelta(days=days, seconds=seconds)
    assert (tokens.invitation_of(key, later) is not None) is good


def test_a_new_link_ends_the_former_one(cast: Cast) -> None:
    account, former = invited(cast)
    later, _invitation = actions.invite(cast.actor(cast.root), account, NOW, TODAY)
    assert tokens.invitation_of(former, NOW) is None
    assert tokens.invitation_of(later, NOW) is not None


def test_the_database_holds_no_key_of_a_link(cast: Cast) -> None:
    _account, key = invited(cast)
    kept = Invitation.objects.get()
    assert key not in (kept.digest, str(vars(kept)))
    assert key not in str(list(Event.objects.values()))


def test_a_weak_password_leaves_the_link_good(cast: Cast) -> None:
    _account, key = invited(cast)
    with pytest.raises(ValidationError):
        actions.accept_invitation(key, "zhangwei", NOW, "")
    assert tokens.invitation_of(key, NOW) is not None


def test_a_link_of_a_closed_account_is_good_no_more(cast: Cast) -> None:
    account, key = invited(cast)
    actions.end_account(cast.actor(cast.root), account, NOW, TODAY)
    with refused("link-invalid"):
        actions.accept_invitation(key, GOOD, NOW, "")


def test_from_link_to_home_page(cast: Cast) -> None:
    """The administrator makes the link, its owner sets the password and signs in."""
    keeper, owner = Client(), Client()
    keeper.force_login(cast.root)
    account = cast.account("zhang", "张伟", cast.office, Role.LEADER)
    shown = keeper.post(reverse("organisation:invite_account", args=[account.pk]))
    path = shown.context["link"].removeprefix("http://testserver")
    assert owner.get(path).status_code == 200
    wrong = owner.post(path, {"password": GOOD, "again": "another"})
    assert wrong.status_code == 422
    assert owner.post(path, {"password": GOOD, "again": GOOD})["Location"] == "/accounts/login/"
    answer = owner.post("/accounts/login/", {"login": "zhang", "password": GOOD})
    assert answer["Location"] == "/"
    assert owner.get("/").status_code == 200
    assert owner.get(path).status_code == 410


def test_a_link_is_sent_by_mail_where_there_is_a_server(cast: Cast, settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    account = cast.account("zhang", "张伟", cast.office)
    account.email = "zhang@anhe.example"
    account.save()
    client = Client()
    client.force_login(cast.root)
    shown = client.post(reverse("organisation:invite_account", args=[account.pk]))
    (sent,) = mail.outbox
    assert sent.to == ["zhang@anhe.example"]
    assert shown.context["link"] in sent.body


def test_a_file_of_links_holds_one_line_for_each_account_without_password(cast: Cast) -> None:
    root = cast.actor(cast.root)
    for number in range(3):
        actions.create_account(root, username=f"n{number}", name=f"人{number}", unit=cast.police)
    cast.local.set_password(GOOD)
    cast.local.save()
    client = Client()
    client.force_login(cast.root)
    answer = client.post(reverse("organisation:invite_new"))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    lines = list(sheet.values)[1:]
    assert [line[2] for line in lines] == ["n0", "n1", "n2"]
    key = str(lines[0][3]).rstrip("/").rpartition("/")[2]
    assert tokens.invitation_of(key, timezone.now()) is not None


# from Excel


def row(number: int, **values: object) -> Row:
    names = [each.name for each in AccountImport.columns]
    filled = {name: values.get(name) for name in names}
    return Row(Where("Sheet1", number), filled, {name: name for name in names})


def test_rows_make_accounts_with_roles_and_the_preview_writes_nothing(cast: Cast) -> None:
    """P-32."""
    rows = [
        row(2, username="zhang", name="张伟", unit="云山县公安局", role=Role.HANDLER),
        row(3, username="li", name="李娜", unit="云山县平安办", role=Role.OFFICE),
        row(4, username="li", name="李娜", role=Role.LEADER, region="临江县"),
    ]
    changes = AccountImport().plan(rows, cast.actor(cast.root))
    assert [str(change.outcome) for change in changes] == ["added", "added", "changed"]
    assert not Account.objects.filter(username="zhang").exists()
    AccountImport().apply(changes, cast.actor(cast.root))
    li = Account.objects.get(username="li")
    assert {held.role for held in cast.actor(li).held} == {Role.OFFICE, Role.LEADER}
    assert not li.has_usable_password()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"unit": "云山县公安局", "role": Role.INTERVIEWER}, "centre-role-for-the-judged"),
        ({"unit": "无此单位"}, "unit-unknown"),
        ({"unit": "云山县公安局", "role": Role.LEADER, "region": "无此县"}, "region-unknown"),
        ({"role": Role.HEAD}, "role-needs-unit"),
        ({"username": "root", "name": "另一人"}, "name-differs"),
    ],
)
def test_a_row_that_cannot_be_taken_is_rejected_with_its_reason(
    values: dict[str, object], code: str, cast: Cast
) -> None:
    (change,) = AccountImport().plan(
        [row(2, **{"username": "zhang", "name": "张伟", **values})], cast.actor(cast.root)
    )
    assert str(change.outcome) == "rejected"
    assert [problem.code for problem in change.problems] == [code]
    assert change.problems[0].place.startswith("Sheet1") or "2" in change.problems[0].place


def test_an_administrator_of_a_county_imports_into_it_only(cast: Cast) -> None:
    rows = [
        row(2, username="near", name="近", unit="云山县公安局"),
        row(3, username="far", name="远", unit="安和市平安办"),
    ]
    changes = AccountImport().plan(rows, cast.actor(cast.local))
    assert [str(change.outcome) for change in changes] == ["added", "rejected"]


def test_a_row_with_a_role_in_another_unit_does_not_move_the_account(cast: Cast) -> None:
    zhang = cast.account("zhang", "张伟", cast.office)
    rows = [row(2, username="zhang", name="张伟", unit="云山县平安办", role=Role.OFFICE)]
    AccountImport().apply(AccountImport().plan(rows, cast.actor(cast.root)), cast.actor(cast.root))
    zhang.refresh_from_db()
    assert zhang.unit == cast.office
    assert cast.actor(zhang).held[0].unit == cast.county_office.pk


@pytest.mark.parametrize(("cell", "read"), [("ｚｈａｎｇ 01", "zhang01"), (20260001.0, "20260001")])
def test_sign_in_names_are_read_as_people_write_them(cell: object, read: str) -> None:
    assert username(cell) == read


@pytest.mark.parametrize(("parse", "cell"), [(username, "a/b"), (email, "not an address")])
def test_what_is_no_name_or_address_is_refused(parse, cell: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Problem):
        parse(cell)


# the first administrator


@pytest.mark.django_db
def test_the_first_administrator_gets_in_by_a_link_that_a_command_prints() -> None:
    link = link_for_administrator("first", "李敏", "https://huiyin.example/", NOW)
    assert link.startswith("https://huiyin.example/organisation/invitation/")
    account = actions.accept_invitation(link.rstrip("/").rpartition("/")[2], GOOD, NOW, "")
    (held,) = actor_of(account, TODAY).held
    assert (held.role, held.region) == (Role.ADMINISTRATOR, None)


def test_the_command_opens_a_closed_administrator_and_grants_nothing_twice(cast: Cast) -> None:
    link_for_administrator("root", "", "https://huiyin.example", NOW)
    cast.root.is_active = False
    cast.root.save()
    link_for_administrator("ROOT", "", "https://huiyin.example", NOW)
    cast.root.refresh_from_db()
    assert cast.root.is_active
    assert cast.root.holdings.count() == 1


def test_the_command_makes_no_administrator_of_an_auditor(cast: Cast) -> None:
    cast.account("zhou", "周强", None, Role.AUDITOR)
    with refused("auditor-holds-another-role"):
        link_for_administrator("zhou", "", "https://huiyin.example", NOW)
