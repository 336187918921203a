"""What the environment says: read once, checked loudly.

Secrets come from the environment or from a generated file that only its owner can read; nothing
else holds them.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict


class ConfigurationError(Exception):
    """A setting cannot be used; the message names it and says what it takes."""


def flag(name: str, default: bool) -> bool:
    """A yes/no variable of the environment."""
    text = os.environ.get(name, "").strip().lower()
    if text in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not text else text in ("1", "true", "yes", "on")
    raise ConfigurationError(f"{name} takes yes or no, not {text!r}")


def data_folder() -> Path:
    """Where the embedded server, uploads and generated secrets live (HUIYIN_DATA)."""
    return Path(os.environ.get("HUIYIN_DATA", "huiyin-data")).expanduser().resolve()


def secret(name: str, folder: Path) -> str:
    """A secret from the variable ``HUIYIN_<NAME>``, or from a file made on first use, mode 0600."""
    given = os.environ.get(f"HUIYIN_{name.upper()}")
    if given:
        return given
    file = folder / "secrets" / name
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = secrets.token_urlsafe(48)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first
            return file.read_text().strip()
        with os.fdopen(handle, "w") as out:
            out.write(made)
        return made


def database(url: str) -> dict[str, Any]:
    """Django's settings for the server that a ``postgresql://`` URL names.

    Raises:
        ConfigurationError: it names no PostgreSQL database.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConfigurationError("DATABASE_URL takes postgresql://user:password@host:port/name")
    parts = conninfo_to_dict(url)
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    known = {names[key]: str(value) for key, value in parts.items() if key in names}
    options = {key: value for key, value in parts.items() if key not in names}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        **known,
    }
