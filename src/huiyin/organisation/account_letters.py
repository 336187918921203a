"""Sign-in links on their way: by mail where there is a server, else in a file to hand out."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from datetime import datetime
from smtplib import SMTPException

import xlsxwriter
from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.organisation.models import Account

log = logging.getLogger(__name__)


def can_send() -> bool:
    """Whether a mail server is set up."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def send_link(account: Account, link: str, expires: datetime) -> bool:
    """Send a link to the owner of an account; whether it was handed to the mail server."""
    if not account.email or not can_send():
        return False
    text = _(
        "{name}, your account {username} is ready. Set your password by this link, which is good"
        " once, until {expires}:\n\n{link}\n\nDid you not expect this? Then tell your"
        " administrator."
    ).format(
        name=account.name,
        username=account.username,
        expires=f"{timezone.localtime(expires):%Y-%m-%d %H:%M}",
        link=link,
    )
    try:
        return bool(send_mail(_("Your account at Huiyin"), text, None, [account.email]))
    except (SMTPException, OSError):
        log.warning("a sign-in link could not be sent", exc_info=True)
        return False


def links_file(links: Iterable[tuple[Account, str]]) -> bytes:
    """An Excel file of links, one account a line, for handing out on paper."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("sign-in links"))
        bold = book.add_format({"bold": True, "bottom": 1})
        heads = (_("Unit"), pgettext("person", "Name"), _("Sign-in name"), _("Link"))
        for column, (head, width) in enumerate(zip(heads, (30, 14, 20, 90), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, bold)
        for line, (account, link) in enumerate(links, start=1):
            unit = account.unit.name if account.unit else ""
            for column, value in enumerate((unit, account.name, account.username, link)):
                sheet.write_string(line, column, value)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
