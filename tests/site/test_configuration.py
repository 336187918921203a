"""What the environment says is checked loudly, and secrets are kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from huiyin.site.configuration import ConfigurationError, database, flag, secret


def test_a_generated_secret_is_readable_by_its_owner_only_and_stays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUIYIN_TRIAL", raising=False)
    made = secret("trial", tmp_path)
    assert len(made) >= 48
    assert secret("trial", tmp_path) == made
    assert stat.S_IMODE((tmp_path / "secrets" / "trial").stat().st_mode) == 0o600


def test_a_secret_of_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_TRIAL", "from the environment")
    assert secret("trial", tmp_path) == "from the environment"
    assert not (tmp_path / "secrets").exists()


def test_a_database_url_names_user_password_host_port_and_options() -> None:
    found = database("postgresql://office:p%40ss@db.example:5433/city?sslmode=require")
    assert found["USER"] == "office"
    assert found["PASSWORD"] == "p@ss"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "city")
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_another_database_than_postgresql_is_refused_with_the_form_it_takes() -> None:
    with pytest.raises(ConfigurationError, match="postgresql://user"):
        database("sqlite:///city.db")


@pytest.mark.parametrize(("text", "said"), [("yes", True), ("0", False), ("", True)])
def test_a_flag_is_yes_or_no_or_its_default(
    text: str, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_TRIAL", text)
    assert flag("HUIYIN_TRIAL", default=True) is said


def test_a_flag_that_is_neither_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_TRIAL", "perhaps")
    with pytest.raises(ConfigurationError, match="HUIYIN_TRIAL takes yes or no"):
        flag("HUIYIN_TRIAL", default=True)
