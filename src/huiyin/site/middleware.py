"""Who asks, whether his session and his proofs still hold, and how a problem is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from huiyin.audit.acts import VISITOR, Actor
from huiyin.furniture.api import PROBLEM_TYPE, problem_answer
from huiyin.furniture.telling import problem_of, problem_page
from huiyin.furniture.views import Request
from huiyin.organisation import account_rules as rules
from huiyin.organisation import tokens
from huiyin.organisation.account_signin import signed_out
from huiyin.organisation.queries import actor_of
from huiyin.problems import (
    FORGED_REQUEST,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    NOT_SIGNED_IN,
    PASSWORD_EXPIRED,
    SECOND_FACTOR_NEEDED,
    TOKEN_INVALID,
    Problem,
)
from huiyin.site.accounts import address_of

Respond = Callable[[Any], HttpResponse]

API = "/api/"
#: Pages on which somebody may be although his password must be changed or a factor is missing.
PROVING = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "mfa_index",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "set_language",
    }
)
#: Nothing of a browser that these pages do not use.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)
#: A session's last page is written once a minute, not with every page.
SEEN_NOTED = 60


class LanguageMiddleware(LocaleMiddleware):
    """Chinese, unless another language was chosen by the switch.

    What a browser prefers is not asked: many here come in English and their owners never chose it.
    """

    def process_request(self, request: HttpRequest) -> None:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        translation.activate(chosen if chosen in known else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class HeadersMiddleware:
    """Headers that Django does not set, and no copy of a signed-in page on a shared computer."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.respond(request)
        answer.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        actor: Actor = getattr(request, "actor", VISITOR)  # by session or by token
        if "Cache-Control" not in answer and actor.account is not None:
            add_never_cache_headers(answer)
        return answer


class ActorMiddleware:
    """Gives every request its ``actor`` and its one *now*."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: Request) -> HttpResponse:
        request.now = timezone.now()
        key = _bearer(request)
        if key is None:
            request.actor = _actor_of_session(request)
        else:
            actor = _actor_of_token(key, request)
            if actor is None:
                return problem_answer(TOKEN_INVALID())
            request.actor = actor
        return self.respond(request)


def _bearer(request: HttpRequest) -> str | None:
    """The key of a token; only the API takes one."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    taken = request.path.startswith(API) and scheme.lower() == "bearer"
    return key.strip() if taken else None


def _actor_of_session(request: Request) -> Actor:
    if not request.user.is_authenticated:
        return replace(VISITOR, address=address_of(request))
    return actor_of(request.user, timezone.localdate(request.now), address=address_of(request))


def _actor_of_token(key: str, request: Request) -> Actor | None:
    token = tokens.token_of(key, request.now)
    if token is None:
        return None
    tokens.note_use(token, request.now)
    today = timezone.localdate(request.now)
    actor = actor_of(token.account, today, address=address_of(request))
    return replace(actor, scopes=frozenset(token.scopes))


class ProblemMiddleware:
    """Turns a :class:`Problem` into the page that tells it; under the API, whatever went wrong."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.respond(request)
        if request.path.startswith(API):
            return _for_programs(request, answer)
        return answer

    def process_exception(self, request: HttpRequest, wrong: Exception) -> HttpResponse | None:
        told = problem_of(wrong)
        return _told(request, told) if told else None


def _told(request: HttpRequest, wrong: Problem) -> HttpResponse:
    if request.path.startswith(API):
        return problem_answer(wrong)
    return problem_page(request, wrong)


def _for_programs(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Ninja's own plain answers to a wrong method, and Django's to an unknown address."""
    if answer.get("Content-Type", "").startswith(PROBLEM_TYPE):
        return answer
    if answer.status_code == 404:
        return problem_answer(NOT_FOUND())
    if answer.status_code == 405:
        allowed = answer.get("Allow", "")
        told = problem_answer(METHOD_NOT_ALLOWED(method=request.method, allowed=allowed))
        told["Allow"] = allowed
        return told
    return answer


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What is told when the CSRF token is missing or wrong."""
    return _told(request, FORGED_REQUEST())


class SessionEndMiddleware:
    """Ends a session that idled for half an hour, or is twelve hours old."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: Request) -> HttpResponse:
        if not request.user.is_authenticated or request.actor.scopes is not None:
            return self.respond(request)
        now = request.now.timestamp()
        session = request.session
        begun, seen = session.setdefault("begun", now), session.setdefault("seen", now)
        if rules.session_ended(_moment(begun), _moment(seen), request.now):
            return _end(request)
        if now - seen >= SEEN_NOTED:
            session["seen"] = now
            UserSession.objects.filter(session_key=session.session_key).update(
                last_seen_at=request.now
            )
        return self.respond(request)


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, tz=timezone.get_default_timezone())


def _end(request: Request) -> HttpResponse:
    account: Any = request.user
    signed_out(account, address_of(request), "session ended")
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    request.actor = replace(VISITOR, address=request.actor.address)
    if request.path.startswith(API):
        return problem_answer(NOT_SIGNED_IN())
    messages.info(request, _("You were signed out, because nothing was done for a while."))
    back = request.get_full_path() if request.method == "GET" else "/"
    return redirect_to_login(back)


class ProofMiddleware:
    """Lets nobody on whose password must be changed, or whose role needs a second factor."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: Request) -> HttpResponse:
        if not request.user.is_authenticated or request.actor.scopes is not None:
            return self.respond(request)
        if _password_is_due(request):
            return self._send(request, "account_change_password", PASSWORD_EXPIRED())
        if _factor_is_missing(request):
            return self._send(request, "mfa_activate_totp", SECOND_FACTOR_NEEDED())
        return self.respond(request)

    def _send(self, request: Request, page: str, wrong: Problem) -> HttpResponse:
        if _name_of(request) in PROVING:
            return self.respond(request)
        if request.path.startswith(API):
            return problem_answer(wrong)
        messages.warning(request, wrong.message)
        return redirect(page)


def _name_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _password_is_due(request: Request) -> bool:
    account: Any = request.user
    if not account.has_usable_password():  # signs in elsewhere
        return False
    set_at = account.password_set_at or account.created_at
    return account.must_change_password or rules.password_expired(set_at, request.now)


def _factor_is_missing(request: Request) -> bool:
    account: Any = request.user
    if not account.has_usable_password():  # the provider asks for its own
        return False
    needed = settings.HUIYIN_SECOND_FACTOR_ROLES & {held.role for held in request.actor.held}
    return bool(needed) and not is_mfa_enabled(account)
