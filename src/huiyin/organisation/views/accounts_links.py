"""Sign-in links: made, shown once, handed over on paper or by mail, and used."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from huiyin.furniture.views import Request, open_to_all, page
from huiyin.organisation import account_actions as actions
from huiyin.organisation import account_acts as acts
from huiyin.organisation import account_letters as letters
from huiyin.organisation import tokens
from huiyin.organisation.account_forms import FirstPasswordForm
from huiyin.organisation.models import Account
from huiyin.organisation.queries import accounts_seen_by
from huiyin.organisation.views.accounts import at_account
from huiyin.organisation.views.frames import found, today_of
from huiyin.problems import LINK_INVALID, NOBODY_TO_INVITE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _link(request: HttpRequest, key: str) -> str:
    return request.build_absolute_uri(reverse("organisation:accept_invitation", args=[key]))


@page(acts.INVITE_ACCOUNT, at=at_account)
def invite_account(request: Request, account: int) -> HttpResponse:
    """Ask, then show the link: this once, to copy, print or send."""
    shown = found(Account, account, "unit")
    back = reverse("organisation:account", args=[shown.pk])
    if request.method != "POST":
        context = {
            "title": _("Make a sign-in link for {name}").format(name=shown.name),
            "consequence": _(
                "Whoever has the link sets the password of this account. It is good once, for seven"
                " days; former links end. It is shown only once."
            ),
            "submit": _("Make the link"),
            "back": back,
        }
        return render(request, "organisation/confirm.html", context)
    key, invitation = actions.invite(request.actor, shown, request.now, today_of(request))
    link = _link(request, key)
    made = {
        "account": shown,
        "link": link,
        "expires": invitation.expires_at,
        "sent": letters.send_link(shown, link, invitation.expires_at),
        "back": back,
    }
    return render(request, "organisation/account_link.html", made)


@page(acts.INVITE_ACCOUNT)
def invite_new(request: Request) -> HttpResponse:
    """Links for all accounts that have no password yet, as one Excel file to hand out."""
    today = today_of(request)
    seen = accounts_seen_by(request.actor, today).filter(is_active=True)
    waiting = [
        account
        for account in seen.filter(last_login=None).select_related("unit__region").order_by("pk")
        if not account.has_usable_password()
    ]
    if request.method != "POST":
        context = {
            "title": _("Make sign-in links for new accounts"),
            "consequence": _(
                "{count} accounts have no password yet. For each a link is made and written to an"
                " Excel file; former links of theirs end. The file is given only once: keep it as"
                " you would keep passwords, and hand each line to its owner alone."
            ).format(count=len(waiting)),
            "submit": _("Make the file"),
            "back": reverse("organisation:accounts"),
        }
        return render(request, "organisation/confirm.html", context)
    if not waiting:
        raise NOBODY_TO_INVITE()
    made = actions.invite_all(request.actor, waiting, request.now, today)
    content = letters.links_file([(account, _link(request, key)) for account, key in made])
    answer = HttpResponse(content, content_type=XLSX)
    name = f"{_('sign-in links')}-{today:%Y%m%d}.xlsx"
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer


@open_to_all
@sensitive_post_parameters("password", "again")
def accept_invitation(request: Request, key: str) -> HttpResponse:
    """Whoever has the link sets the password of its account, and then signs in with it."""
    invitation = tokens.invitation_of(key, request.now)
    if invitation is None:
        raise LINK_INVALID()
    account = invitation.account
    form = FirstPasswordForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        try:
            actions.accept_invitation(
                key, form.cleaned_data["password"], timezone.now(), request.actor.address
            )
        except ValidationError as wrong:
            form.add_error("password", wrong)
        else:
            messages.success(request, _("The password is set. Sign in with it."))
            return redirect("account_login")
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "account": account}
    return render(request, "organisation/account_accept.html", context, status=status)
