"""The command line: every room's commands, and none of the site's weight on measuring."""

from __future__ import annotations

import subprocess
import sys

import pytest

from huiyin import cli


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "huiyin.cli", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "LANG": "C", **environment},
        timeout=120,
    )


def test_measuring_starts_without_django() -> None:
    words = (
        "import sys; from huiyin import cli\n"
        "status = cli.main(['measure', 'none.toml', '--out', 'none'])\n"
        "assert status == 2, status\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'django', 'psycopg', 'procrastinate'}, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "none.toml" in done.stderr


@pytest.mark.parametrize(
    "command", ["measure", "serve", "worker", "migrate", "backup", "restore", "check", "demo"]
)
def test_every_command_says_what_it_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == 0
    assert f"usage: huiyin {command}" in capsys.readouterr().out


def test_every_command_that_needs_the_site_takes_the_folder_of_its_data() -> None:
    leaves = list(cli._leaves(cli._parser()._subparsers._group_actions[0]))  # type: ignore[union-attr]
    needing = [leaf for leaf in leaves if leaf.get_default("needs_site")]
    assert len(needing) >= 5
    for leaf in needing:
        assert "--data" in leaf.format_help(), leaf.prog


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["serve", "--port", port])
    assert left.value.code == 2
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


def test_a_server_that_cannot_be_reached_is_said_so_without_traceback() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    done = run("migrate", DATABASE_URL=nowhere)
    assert done.returncode == 2
    assert "Check DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_of_another_database_is_refused() -> None:
    done = run("migrate", DATABASE_URL="mysql://root@localhost/huiyin")
    assert done.returncode == 2
    assert "DATABASE_URL takes postgresql://" in done.stderr


def test_a_chinese_console_is_answered_in_chinese() -> None:
    done = run("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", LANG="zh_CN.UTF-8")
    assert "请检查 DATABASE_URL" in done.stderr
