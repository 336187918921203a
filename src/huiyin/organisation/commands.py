"""``huiyin administrator``: the first account of a new site, or the way back into one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "administrator",
        help="make an administrator, and print the link that sets the password",
        description="Makes the account if there is none with this sign-in name, opens it if it was"
        " closed, makes it administrator of everything, and prints a link that is good once, for"
        " seven days. Everything else is done on the site.",
    )
    command.add_argument("username", metavar="SIGN-IN-NAME")
    command.add_argument("--name", default="", help="name of the person, as others see it")
    command.add_argument(
        "--site", default="http://127.0.0.1:8000", help="address of the site (%(default)s)"
    )
    command.set_defaults(run=_administrator, needs_site=True)


def _administrator(parsed: argparse.Namespace) -> int:
    from django.utils import timezone
    from django.utils.translation import gettext as _

    link = link_for_administrator(parsed.username, parsed.name, parsed.site, timezone.now())
    print(_("Hand this link to {name} alone; it is good once:").format(name=parsed.username))
    print(link)
    return 0


def link_for_administrator(username: str, name: str, site: str, now: datetime) -> str:
    """The link that sets the password of an administrator, made if there is none yet.

    Raises:
        Problem: the account holds a role that does not go with administering.
    """
    from django.db import transaction
    from django.urls import reverse
    from django.utils import timezone

    from huiyin.audit.acts import SYSTEM
    from huiyin.organisation import account_actions as actions
    from huiyin.organisation import holdings
    from huiyin.organisation.models import Account
    from huiyin.organisation.roles import Role

    today = timezone.localdate(now)
    with transaction.atomic():
        account = Account.objects.filter(username__iexact=username).first()
        if account is None:
            account = actions.create_account(
                SYSTEM, username=username, name=name or username, unit=None
            )
        if not account.is_active:
            actions.reopen_account(SYSTEM, account, today)
        everything = account.holdings.filter(
            role=Role.ADMINISTRATOR, unit=None, region=None, until=None
        )
        if not everything.exists():
            holdings.grant_role(SYSTEM, account, Role.ADMINISTRATOR, today=today)
        key, _invitation = actions.invite(SYSTEM, account, now, today)
    return site.rstrip("/") + reverse("organisation:accept_invitation", args=[key])
