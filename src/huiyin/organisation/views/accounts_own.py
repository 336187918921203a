"""One's own account: roles, sessions, tokens."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huiyin.furniture.views import Request, page
from huiyin.organisation import account_actions as actions
from huiyin.organisation import account_acts as acts
from huiyin.organisation import account_rules as rules
from huiyin.organisation import accounts_rights as rights
from huiyin.organisation.account_forms import TokenForm
from huiyin.organisation.accounts_table import holdings_of
from huiyin.organisation.models import Token
from huiyin.organisation.views.frames import today_of
from huiyin.problems import NOT_FOUND

#: What a browser calls itself; the first that fits, since most also name those they descend from.
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("QQBrowser", "QQ Browser"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@page(acts.SEE_OWN_ACCOUNT)
def my_account(request: Request) -> HttpResponse:
    """Who one is here, where one is signed in, and which tokens act for one."""
    account: Any = request.user
    set_at = account.password_set_at or account.created_at
    context = {
        "account": account,
        "holdings": holdings_of(account),
        "today": today_of(request),
        "sessions": _sessions(request),
        "tokens": account.tokens.all(),
        "now": request.now,
        "password_until": set_at + rules.PASSWORD_AGE,
        "factor": is_mfa_enabled(account),
    }
    return render(request, "organisation/account_own.html", context)


def _sessions(request: Request) -> list[dict[str, Any]]:
    account: Any = request.user
    listed = UserSession.objects.filter(user=account, last_seen_at__gt=request.now - rules.SESSION)
    sessions = [
        {
            "session": each,
            "current": each.session_key == request.session.session_key,
            "device": device_of(each.user_agent),
        }
        for each in listed.order_by("-last_seen_at")
    ]
    return sorted(sessions, key=lambda each: not each["current"])


def device_of(user_agent: str) -> str:
    """Browser and system as their owner knows them; what is unknown stands as it was sent."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return " · ".join(filter(None, (browser, system))) or user_agent[:60]


@page(acts.SEE_OWN_ACCOUNT)
def my_rights(request: Request) -> HttpResponse:
    """What one may do oneself."""
    context = {
        "account": request.user,
        "own": True,
        "actor_shown": request.actor,
        "chapters": rights.rights_of(request.actor),
    }
    return render(request, "organisation/account_rights.html", context)


@page(acts.END_OWN_SESSIONS)
def end_others(request: Request) -> HttpResponse:
    """End every session but this one."""
    if request.method == "POST":
        account: Any = request.user
        key = request.session.session_key or ""
        ended = actions.end_other_sessions(request.actor, account, key)
        said = ngettext("%(count)d other session ended.", "%(count)d other sessions ended.", ended)
        messages.success(request, said % {"count": ended})
    return redirect("organisation:my_account")


@page(acts.MAKE_TOKEN)
def make_token(request: Request) -> HttpResponse:
    """A new token; its key is shown this once."""
    form = TokenForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        account: Any = request.user
        key, token = actions.make_token(
            request.actor, account, **form.cleaned_data, now=request.now
        )
        return render(request, "organisation/account_token.html", {"key": key, "token": token})
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "title": _("Make a token"), "back": reverse("organisation:my_account")}
    context["lead"] = _("A program that has the token acts for you, within what you tick here.")
    return render(request, "organisation/form.html", context, status=status)


@page(acts.REVOKE_TOKEN)
def revoke_token(request: Request, token: int) -> HttpResponse:
    """End a token of one's own."""
    found = Token.objects.filter(pk=token, account=request.actor.account).first()
    if found is None:
        raise NOT_FOUND()
    if request.method == "POST":
        actions.revoke_token(request.actor, found, request.now)
        messages.success(request, _("The token is revoked."))
    return redirect("organisation:my_account")
