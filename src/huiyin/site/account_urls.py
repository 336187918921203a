"""The pages of allauth that are open here, each with its reason; there is no other.

allauth asks some addresses by name although their doors are closed; those answer 404.
"""

from __future__ import annotations

from collections.abc import Iterator

from allauth.urls import urlpatterns as of_allauth
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver

from huiyin.furniture.views import open_to_all

#: Name of a page → why nobody needs a role for it. allauth itself asks for a session where one is
#: needed, and for the password again before a second factor is changed.
OPEN = {
    "account_login": "signing in is what gives a role",
    "account_logout": "ends the session of whoever asks",
    "account_inactive": "says that an account is closed",
    "account_reauthenticate": "asks for one's own password again",
    "account_change_password": "one's own password, also when it has expired",
    "mfa_authenticate": "the second step of signing in",
    "mfa_reauthenticate": "asks for one's own one-time password again",
    "mfa_index": "one's own second factor",
    "mfa_activate_totp": "one's own second factor, also before a role that needs it is used",
    "mfa_deactivate_totp": "one's own second factor",
    "mfa_view_recovery_codes": "one's own second factor",
    "mfa_generate_recovery_codes": "one's own second factor",
    "mfa_download_recovery_codes": "one's own second factor",
    "openid_connect_login": "signing in at the provider that the operator named",
    "openid_connect_callback": "coming back from that provider",
    "socialaccount_login_cancelled": "says that signing in elsewhere was broken off",
    "socialaccount_login_error": "says that signing in elsewhere failed",
}
#: Pages that are closed: nobody signs up, and a password is first set by an invitation.
CLOSED = {"account_signup", "account_set_password", "socialaccount_signup"}


@open_to_all
def closed(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """A page of allauth that this house does not use."""
    raise Http404


def _doors(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern | URLResolver]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = list(_doors(pattern.url_patterns))
            yield URLResolver(pattern.pattern, inner, pattern.default_kwargs)
        elif pattern.name in OPEN:
            view = open_to_all(pattern.callback)
            yield URLPattern(pattern.pattern, view, pattern.default_args, pattern.name)
        elif pattern.name in CLOSED:
            yield URLPattern(pattern.pattern, closed, pattern.default_args, pattern.name)


urlpatterns = list(_doors(of_allauth))
