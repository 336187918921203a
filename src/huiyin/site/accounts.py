"""How allauth signs people in here: no open door, attempts counted, every step recorded."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.organisation import account_signin as signin
from huiyin.organisation.models import Account
from huiyin.problems import SIGN_IN_LOCKED


def address_of(request: HttpRequest) -> str:
    """The network address that a request came from, behind as many proxies as we trust."""
    try:
        return get_client_ip(request) or ""
    except (ImproperlyConfigured, ValueError):  # a forged or shortened X-Forwarded-For
        return str(request.META.get("REMOTE_ADDR", ""))


class SignInForm(LoginForm):  # type: ignore[misc]
    """Name and password; who forgot his asks the administrator of his unit for a new link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Sign-in name")
        self.fields["password"].help_text = _(
            "Forgotten? The administrator of your unit gives you a new link."
        )
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signs in and out, and changes passwords, as the house has it."""

    error_messages = {  # noqa: RUF012 (allauth declares a dict)
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy(
            "Name or password is wrong. After five failures sign-in is locked for 30 minutes."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        """Look at the password only if sign-in is not locked, and count the attempt either way."""
        name = str(credentials.get("username", ""))
        attempt, wait = signin.begin(name, address_of(request), timezone.now())
        if attempt is None:
            minutes = max(1, round(wait.total_seconds() / 60)) if wait else 1
            raise ValidationError(SIGN_IN_LOCKED(minutes=minutes).message, code="locked")
        account: Account | None = super().authenticate(request, **credentials)
        if account is None:
            signin.fail(attempt, name)
        else:
            signin.succeed(attempt)
        return account

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth counts failures in the cache here; ``authenticate`` has counted them already."""

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing was counted in the cache."""

    def login(self, request: HttpRequest, user: Account) -> None:
        super().login(request, user)
        now = timezone.now().timestamp()
        request.session["begun"] = request.session["seen"] = now
        records = request.session.get("account_authentication_methods", [])
        method = "+".join(str(each.get("method")) for each in records) or "password"
        signin.signed_in(user, address_of(request), method)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            signin.signed_out(request.user, address_of(request), "asked")
        super().logout(request)

    def set_password(self, user: Account, password: str) -> None:
        user.set_password(password)
        user.password_set_at = timezone.now()
        user.must_change_password = False
        user.save(update_fields=["password", "password_set_at", "must_change_password"])
        request = self.request
        signin.changed_password(user, address_of(request) if request else "")


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Somebody whom the provider names must have an account, unless accounts may be created."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        options = sociallogin.provider.app.settings
        account = _account_named_by(sociallogin, options.get("match", "username"))
        if account is not None:
            sociallogin.connect(request, account)
        elif not options.get("create"):
            messages.error(request, _("You have no account here yet. Ask for an invitation."))
            raise ImmediateHttpResponse(redirect("account_login"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return bool(sociallogin.provider.app.settings.get("create"))

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def populate_user(
        self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]
    ) -> Account:
        account: Account = sociallogin.user
        account.username = str(data.get("username") or sociallogin.account.uid)[:150]
        account.name = str(data.get("name") or account.username)[:60]
        account.email = str(data.get("email") or "")
        return account


def _account_named_by(sociallogin: Any, match: str) -> Account | None:
    """The one open account that the provider's claims name; None if none, or more than one."""
    claims = sociallogin.account.extra_data
    claims = claims.get("userinfo") or claims.get("id_token") or claims
    if match == "username" and claims.get("preferred_username"):
        found = Account.objects.filter(username__iexact=claims["preferred_username"])
    elif match == "email" and claims.get("email") and claims.get("email_verified") is True:
        found = Account.objects.filter(email__iexact=claims["email"])
    else:
        return None
    accounts = list(found.filter(is_active=True)[:2])
    return accounts[0] if len(accounts) == 1 else None


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seeds of one-time passwords lie in the database enciphered by the secret key."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"huiyin.second-factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


@receiver((authenticator_added, authenticator_removed, authenticator_reset))
def _second_factor_changed(sender: Any, request: HttpRequest, user: Account, **kwargs: Any) -> None:
    names = {authenticator_added: "added", authenticator_removed: "removed"}
    signin.changed_second_factor(user, address_of(request), names.get(kwargs["signal"], "renewed"))
