"""Headers, cookies, and what the environment may say of signing in."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from huiyin.audit.models import Event
from huiyin.organisation.models import Account, Holding
from huiyin.site import signing_in
from huiyin.site.accounts import SecondFactorAdapter, SingleSignOnAdapter, address_of
from huiyin.site.configuration import ConfigurationError

OIDC = {"id": "gov", "server": "https://id.example/realms/gov", "client_id": "huiyin"}
SECRET = {"HUIYIN_OIDC_SECRET": "s"}


@pytest.fixture
def page(db: None) -> Any:
    return Client().get("/accounts/login/")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ],
)
def test_a_page_carries_the_header(header: str, value: str, page: Any) -> None:
    assert page[header] == value


def test_no_script_or_style_runs_that_is_not_a_file_of_ours(page: Any) -> None:
    policy = dict(
        part.strip().partition(" ")[::2] for part in page["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["script-src"].split()[0] == "'self'"
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "http" not in page["Content-Security-Policy"]


@pytest.mark.parametrize("feature", ["camera", "microphone", "geolocation", "usb", "payment"])
def test_a_page_may_not_use_the_device(feature: str, page: Any) -> None:
    assert f"{feature}=()" in page["Permissions-Policy"]


@pytest.mark.django_db
def test_no_copy_of_a_signed_in_page_stays_on_a_shared_computer() -> None:
    client = Client()
    client.force_login(Account.objects.create(username="a", name="a", password="!"))
    assert "no-store" in client.get("/accounts/2fa/")["Cache-Control"]


@pytest.mark.django_db
def test_cookies_are_closed_to_scripts_and_to_other_sites(page: Any) -> None:
    cookie = page.cookies["csrftoken"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_with_the_way_out() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/accounts/login/", {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert answer.context["problem"].code == "forged-request"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/3rdparty/signup/"])
def test_nobody_signs_up(path: str) -> None:
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"username": "x", "password1": "Qingxi-Town-1"}).status_code == 404
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_nobody_is_sent_to_another_site_after_signing_in() -> None:
    account = Account.objects.create(username="a", name="a")
    account.set_password("Qingxi-Town-2026")
    account.save()
    answer = Client().post(
        "/accounts/login/?next=https://evil.example/",
        {"login": "a", "password": "Qingxi-Town-2026", "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/"


# the network address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "1.2.3.4", "10.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
    ],
)
def test_an_address_is_taken_only_from_as_many_proxies_as_are_ours(
    proxies: int, forwarded: str, found: str, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": forwarded}
    )
    assert address_of(request) == found


# single sign-on


def test_single_sign_on_is_off_unless_the_environment_names_a_provider() -> None:
    assert signing_in.single_sign_on({}) == {}


def test_a_provider_is_read_from_the_environment_and_let_into_the_policy() -> None:
    read = signing_in.single_sign_on({"HUIYIN_OIDC": json.dumps(OIDC), **SECRET})
    (app,) = read["openid_connect"]["APPS"]
    assert (app["provider_id"], app["secret"]) == ("gov", "s")
    assert app["settings"]["create"] is False
    assert signing_in.provider_origins(read) == ["https://id.example"]


@pytest.mark.parametrize(
    ("given", "secret", "said"),
    [
        ("{", SECRET, "no JSON"),
        ("[]", SECRET, "one JSON object"),
        (json.dumps({"id": "gov"}), SECRET, "lacks server, client_id"),
        (json.dumps({**OIDC, "scope": "x"}), SECRET, "does not know scope"),
        (json.dumps({**OIDC, "match": "phone"}), SECRET, "match takes one of"),
        (json.dumps({**OIDC, "create": "yes"}), SECRET, "create takes true or false"),
        (json.dumps({**OIDC, "server": "id.example"}), SECRET, "address of the issuer"),
        (json.dumps(OIDC), {}, "HUIYIN_OIDC_SECRET"),
    ],
)
def test_a_provider_that_cannot_be_used_is_refused_by_name(
    given: str, secret: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        signing_in.single_sign_on({"HUIYIN_OIDC": given, **secret})


class Said:
    """What a provider said of somebody."""

    def __init__(self, claims: dict[str, object], **options: object) -> None:
        self.is_existing = False
        self.connected: Account | None = None
        self.account = type("Account", (), {"extra_data": {"userinfo": claims}, "uid": "u-1"})()
        app = type("App", (), {"settings": {"match": "username", **options}})()
        self.provider = type("Provider", (), {"app": app})()
        self.user = Account()

    def connect(self, request: object, account: Account) -> None:
        self.connected = account


def request_with_messages() -> Any:
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "claims", "found"),
    [
        ({}, {"preferred_username": "ZHANG"}, True),
        ({}, {"email": "z@a.example", "email_verified": True}, False),
        ({"match": "email"}, {"email": "z@a.example", "email_verified": True}, True),
        ({"match": "email"}, {"email": "z@a.example", "email_verified": False}, False),
        ({"match": "link"}, {"preferred_username": "zhang"}, False),
        ({}, {"preferred_username": "stranger"}, False),
    ],
)
def test_only_whom_the_provider_names_by_the_agreed_claim_gets_in(
    options: dict[str, object], claims: dict[str, object], found: bool
) -> None:
    """P-35: somebody without an account is sent back, with the way out."""
    account = Account.objects.create(username="zhang", name="张伟", email="z@a.example")
    said = Said(claims, **options)
    adapter = SingleSignOnAdapter()
    if found:
        adapter.pre_social_login(request_with_messages(), said)
        assert said.connected == account
    else:
        with pytest.raises(ImmediateHttpResponse) as told:
            adapter.pre_social_login(request_with_messages(), said)
        assert told.value.response["Location"] == "/accounts/login/"


@pytest.mark.django_db
def test_a_closed_account_is_not_entered_by_single_sign_on() -> None:
    Account.objects.create(username="zhang", name="张伟", is_active=False)
    with pytest.raises(ImmediateHttpResponse):
        SingleSignOnAdapter().pre_social_login(
            request_with_messages(), Said({"preferred_username": "zhang"})
        )


@pytest.mark.django_db
def test_an_account_is_made_for_a_stranger_only_where_the_operator_allows_it() -> None:
    adapter = SingleSignOnAdapter()
    stranger = Said({"preferred_username": "new"}, create=True)
    adapter.pre_social_login(request_with_messages(), stranger)
    assert adapter.is_open_for_signup(request_with_messages(), stranger)
    assert not adapter.is_open_for_signup(request_with_messages(), Said({}))


# second factor and mail


def test_seeds_of_one_time_passwords_are_not_stored_in_the_clear() -> None:
    adapter = SecondFactorAdapter()
    stored = adapter.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in stored
    assert adapter.decrypt(stored) == "JBSWY3DPEHPK3PXP"


@pytest.mark.django_db
def test_a_role_that_needs_a_second_factor_gets_no_further_without_it(settings: Any) -> None:
    settings.HUIYIN_SECOND_FACTOR_ROLES = frozenset({"auditor"})
    account = Account.objects.create(username="a", name="a")
    account.set_password("Qingxi-Town-2026")
    account.save()
    Holding.objects.create(account=account, role="auditor")
    client = Client()
    client.force_login(account)
    assert client.get("/")["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/api/v1/openapi.json").json()["code"] == "second-factor-needed"
    account.holdings.update(role="leader")
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_whoever_signs_in_elsewhere_gives_his_second_factor_there(settings: Any) -> None:
    settings.HUIYIN_SECOND_FACTOR_ROLES = frozenset({"auditor"})
    account = Account.objects.create(username="a", name="a", password="!")
    Holding.objects.create(account=account, role="auditor")
    client = Client()
    client.force_login(account)
    assert client.get("/").status_code == 200


def test_roles_with_a_second_factor_are_named_as_roles_are() -> None:
    named = signing_in.roles_with_second_factor({"HUIYIN_SECOND_FACTOR": "auditor, leader"})
    assert named == {"auditor", "leader"}
    with pytest.raises(ConfigurationError, match="does not know boss"):
        signing_in.roles_with_second_factor({"HUIYIN_SECOND_FACTOR": "boss"})


def test_without_a_mail_server_nothing_is_sent() -> None:
    assert "dummy" in signing_in.mail_settings({})["EMAIL_BACKEND"]


def test_a_mail_server_is_read_from_one_address() -> None:
    url = "smtp+tls://huiyin:p%40ss@mail.example/?from=huiyin@mail.example"
    read = signing_in.mail_settings({"HUIYIN_MAIL": url})
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"]) == ("mail.example", 587)
    assert read["EMAIL_HOST_PASSWORD"] == "p@ss"
    assert read["EMAIL_USE_TLS"]
    assert not read["EMAIL_USE_SSL"]


@pytest.mark.parametrize(
    ("url", "said"),
    [("http://mail.example", "HUIYIN_MAIL takes"), ("smtp://mail.example", "lacks the sender")],
)
def test_a_mail_server_that_cannot_be_used_is_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        signing_in.mail_settings({"HUIYIN_MAIL": url})


def test_limits_hold_over_all_processes() -> None:
    """A cache of one process would let each of them be tried anew."""
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    for validator in settings.AUTH_PASSWORD_VALIDATORS:
        assert import_string(validator["NAME"])


def code_for(secret: str) -> str:
    """What the device of the owner shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.mark.django_db
def test_with_a_one_time_password_set_up_the_password_alone_opens_nothing(
    django_capture_on_commit_callbacks: Any,
) -> None:
    """P-35: set up on one's own page, asked at the next sign-in, recorded."""
    account = Account.objects.create(username="a", name="a")
    account.set_password("Qingxi-Town-2026")
    account.save()
    given = {"login": "a", "password": "Qingxi-Town-2026"}
    client = Client()
    client.post("/accounts/login/", given)
    asked = client.get("/accounts/2fa/totp/activate/")["Location"]  # the password once more
    client.post(asked, {"password": given["password"]})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    codes = client.get(answer["Location"]).context["unused_codes"]
    assert len(codes) == 10
    other = Client()
    assert other.post("/accounts/login/", given)["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/organisation/me/").status_code == 302
    other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert "_auth_user_id" in other.session
    assert Event.objects.filter(act="organisation.change_second_factor").exists()
    assert Event.objects.filter(act="organisation.sign_in").last().after["method"] == "password+mfa"
