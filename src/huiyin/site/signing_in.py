"""What the environment says of signing in: single sign-on, second factor, mail.

HUIYIN_OIDC='{"id": "gov", "name": "统一身份认证", "server": "https://id.example/realms/gov",
              "client_id": "huiyin", "match": "username", "create": false}'
HUIYIN_OIDC_SECRET=…
HUIYIN_SECOND_FACTOR=administrator,auditor
HUIYIN_MAIL=smtp+tls://user:password@mail.example:587/?from=huiyin@mail.example
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from huiyin.site.configuration import ConfigurationError

MATCHES = ("username", "email", "link")


def single_sign_on(environment: Mapping[str, str]) -> dict[str, Any]:
    """allauth's settings of the OpenID Connect provider that HUIYIN_OIDC names; {} = none.

    Keys of the JSON: ``id``, ``name``, ``server`` (the issuer), ``client_id``; optional ``match``
    (by which an account is found: ``username``, the claim preferred_username; ``email``, if
    verified; ``link``, only what was linked before) and ``create`` (make an account without roles
    for somebody unknown). The secret stands in HUIYIN_OIDC_SECRET.

    Raises:
        ConfigurationError: the JSON cannot be read, or something is missing.
    """
    text = environment.get("HUIYIN_OIDC", "").strip()
    if not text:
        return {}
    try:
        given = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise ConfigurationError(f"HUIYIN_OIDC is no JSON: {wrong}") from wrong
    _check_single_sign_on(given, environment)
    app = {
        "provider_id": given["id"],
        "name": given.get("name", given["id"]),
        "client_id": given["client_id"],
        "secret": environment["HUIYIN_OIDC_SECRET"],
        "settings": {
            "server_url": given["server"],
            "match": given.get("match", "username"),
            "create": given.get("create", False),
        },
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def _check_single_sign_on(given: Any, environment: Mapping[str, str]) -> None:
    if not isinstance(given, dict):
        raise ConfigurationError("HUIYIN_OIDC takes one JSON object")
    missing = [key for key in ("id", "server", "client_id") if not given.get(key)]
    if missing:
        raise ConfigurationError(f"HUIYIN_OIDC lacks {', '.join(missing)}")
    if urlsplit(str(given["server"])).scheme not in ("https", "http"):
        raise ConfigurationError("HUIYIN_OIDC: server takes the address of the issuer, https://…")
    if unknown := given.keys() - {"id", "name", "server", "client_id", "match", "create"}:
        raise ConfigurationError(f"HUIYIN_OIDC does not know {', '.join(sorted(unknown))}")
    if given.get("match", "username") not in MATCHES:
        raise ConfigurationError(f"HUIYIN_OIDC: match takes one of {', '.join(MATCHES)}")
    if not isinstance(given.get("create", False), bool):
        raise ConfigurationError("HUIYIN_OIDC: create takes true or false")
    if not environment.get("HUIYIN_OIDC_SECRET"):
        raise ConfigurationError("HUIYIN_OIDC needs the client's secret in HUIYIN_OIDC_SECRET")


def provider_origins(providers: Mapping[str, Any]) -> list[str]:
    """The origins of the providers of single sign-on, for the content security policy."""
    apps = providers.get("openid_connect", {}).get("APPS", [])
    servers = [urlsplit(app["settings"]["server_url"]) for app in apps]
    return [f"{server.scheme}://{server.netloc}" for server in servers]


def roles_with_second_factor(environment: Mapping[str, str]) -> frozenset[str]:
    """The roles that HUIYIN_SECOND_FACTOR names, separated by commas.

    Raises:
        ConfigurationError: there is no such role.
    """
    from huiyin.organisation.roles import Role

    text = environment.get("HUIYIN_SECOND_FACTOR", "")
    named = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := named - set(Role.values):
        raise ConfigurationError(
            f"HUIYIN_SECOND_FACTOR does not know {', '.join(sorted(unknown))};"
            f" roles are {', '.join(Role.values)}"
        )
    return named


def mail_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Django's settings of the mail server that HUIYIN_MAIL names; without it nothing is sent.

    Raises:
        ConfigurationError: it is no ``smtp://``, ``smtps://`` or ``smtp+tls://`` address.
    """
    text = environment.get("HUIYIN_MAIL", "").strip()
    if not text:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtps", "smtp+tls") or not parts.hostname:
        raise ConfigurationError("HUIYIN_MAIL takes smtp+tls://user:password@host:587/?from=…")
    sender = parse_qs(parts.query).get("from", [""])[0]
    if not sender:
        raise ConfigurationError("HUIYIN_MAIL lacks the sender: …/?from=huiyin@mail.example")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": sender,
    }
