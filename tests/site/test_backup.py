"""Backup and restore, for real: whole or not at all, with the same head of the audit.

Proves the issue's "restore into an empty database brings the same audit head hash".
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from huiyin.site.running import archive
from huiyin.site.running.words import CannotRun

#: Fills a site: an upload and events of its own.
FILL = """
from huiyin.site.running.session import prepare_django
prepare_django()
from datetime import date
from django.core.files.base import ContentFile
from huiyin.audit.actions import record
from huiyin.audit.acts import SYSTEM, Changed
from huiyin.furniture.models import Upload
from huiyin.site import acts
from huiyin.territory.models import DivisionImport
upload = Upload(name="区划.csv", kind="csv", size=5, digest="0" * 64)
upload.file.save("区划.csv", ContentFile(b"a,b,c"))
plan = DivisionImport(on=date(2026, 11, 28))
plan.listing.save("1.csv", ContentFile(b"the plan"))
for number in range(20):
    record(SYSTEM, acts.MAKE_BACKUP, Changed("trial.thing", key=str(number)))
"""


class Place:
    """A database and a data folder of a test, reached by the command only.

    Attributes:
        folder: of uploads and secrets.
        url: of the database.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.environment = os.environ | {
            "HUIYIN_DATA": str(folder),
            "DATABASE_URL": url,
            "LANG": "C",
        }

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return self._call("-m", "huiyin.cli", *map(str, arguments))

    def fill(self) -> None:
        assert self._call("-c", FILL).returncode == 0

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, env=self.environment
        )

    def tables(self) -> int:
        with psycopg.connect(self.url) as database:
            count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            return int(database.execute(count).fetchone()[0])  # type: ignore[index]

    def uploads(self) -> list[bytes]:
        found = (self.folder / "uploads").rglob("*.csv")
        return [file.read_bytes() for file in found]


def at(name: str) -> str:
    """The URL of a database on the tests' server."""
    server = connection.get_connection_params()
    return f"postgresql://{server['user']}@/{name}?host={quote(str(server['host']))}"


def made(name: str) -> str:
    """An empty database; its URL."""
    with psycopg.connect(at("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return at(name)


@pytest.fixture(scope="module")
def places() -> Iterator[Callable[[str], Place]]:
    """Makes empty places."""
    own = os.environ.get("PYTEST_XDIST_WORKER", "one")
    names: list[str] = []
    with tempfile.TemporaryDirectory(prefix="huiyin-") as room:

        def make(name: str) -> Place:
            names.append(f"backup_{own}_{name}_{len(names)}")
            return Place(Path(room, names[-1]), made(names[-1]))

        yield make
    with psycopg.connect(at("postgres"), autocommit=True) as server:
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def backup(places: Callable[[str], Place]) -> tuple[Path, str]:
    """A backup of a filled site, and what the command said."""
    site = places("filled")
    assert site.run("migrate").returncode == 0
    site.fill()
    file = site.folder.with_name("site.huiyin")
    done = site.run("backup", file)
    assert done.returncode == 0, done.stderr
    return file, done.stdout


@pytest.fixture
def empty(places: Callable[[str], Place]) -> Place:
    return places("empty")


def rewritten(file: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The backup with its members changed, whole as a tar."""
    with tarfile.open(file) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read())  # type: ignore[union-attr]
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return target


def test_a_backup_brings_everything_back_with_the_same_head_of_the_audit(
    backup: tuple[Path, str], empty: Place
) -> None:
    file, _said = backup
    manifest = archive.check(file)
    done = empty.run("restore", file)
    assert done.returncode == 0, done.stderr
    assert f"audit head {manifest.audit_head[:16]} as in the backup" in done.stdout
    assert manifest.events == 20
    assert sorted(empty.uploads()) == [b"a,b,c", b"the plan"]
    verified = empty.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_backup_holds_no_secret_and_says_so(backup: tuple[Path, str]) -> None:
    file, said = backup
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert names[0] == archive.DUMP
    assert names[-1] == archive.MANIFEST
    assert not any("secret" in name for name in names)
    assert "Secrets are not in it" in said
    assert file.stat().st_mode & 0o077 == 0


def test_an_existing_file_is_replaced_only_when_asked(backup: tuple[Path, str]) -> None:
    from huiyin.site.running.backup import _refuse_present

    with pytest.raises(CannotRun, match="--force"):
        _refuse_present(backup[0], replace=False)
    _refuse_present(backup[0], replace=True)


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    from huiyin.site.running.backup import _refuse_present

    with pytest.raises(CannotRun, match="no folder"):
        _refuse_present(tmp_path / "none" / "site.huiyin", replace=False)


def test_a_database_that_holds_something_is_refused(
    backup: tuple[Path, str], places: Callable[[str], Place]
) -> None:
    used = places("used")
    used.run("migrate")
    before = used.tables()
    done = used.run("restore", backup[0])
    assert done.returncode == 2
    assert "The database is not empty" in done.stderr
    assert used.tables() == before


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(
    backup: tuple[Path, str], tmp_path: Path, share: float
) -> None:
    whole = backup[0].read_bytes()
    manifest_at = whole.rindex(b"manifest.json\0")
    cut = tmp_path / "cut"
    cut.write_bytes(whole[: int(manifest_at * share)])
    with pytest.raises(CannotRun, match="cut off or damaged"):
        archive.check(cut)


def test_a_file_with_one_byte_changed_is_refused(backup: tuple[Path, str], tmp_path: Path) -> None:
    content = bytearray(backup[0].read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(content)
    with pytest.raises(CannotRun, match="cut off or damaged"):
        archive.check(changed)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else", b"x" * 2000])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(content)
    with pytest.raises(CannotRun, match="not a backup of Huiyin"):
        archive.check(foreign)


@pytest.mark.parametrize("name", ["uploads/../../secrets/secret_key", "/etc/passwd", "other"])
def test_a_member_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    planted = tmp_path / "planted"
    with tarfile.open(planted, "w") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(CannotRun):
        archive.check(planted)


def test_a_backup_of_a_later_version_is_refused(
    backup: tuple[Path, str], empty: Place, tmp_path: Path
) -> None:
    def later(name: str, content: bytes) -> bytes:
        if name != archive.MANIFEST:
            return content
        said = json.loads(content)
        return json.dumps(said | {"migrations": ["audit.9999_later"], "version": "9.0"}).encode()

    done = empty.run("restore", rewritten(backup[0], tmp_path / "later", later))
    assert done.returncode == 2
    assert "made by Huiyin 9.0" in done.stderr
    assert empty.tables() == 0


def test_another_head_of_the_audit_undoes_everything(
    backup: tuple[Path, str], empty: Place, tmp_path: Path
) -> None:
    def forged(name: str, content: bytes) -> bytes:
        if name != archive.MANIFEST:
            return content
        return json.dumps(json.loads(content) | {"audit_head": "0" * 64}).encode()

    done = empty.run("restore", rewritten(backup[0], tmp_path / "forged", forged))
    assert done.returncode == 2
    assert "Somebody changed the backup" in done.stderr
    assert empty.tables() == 0
    assert empty.uploads() == []


def test_a_dump_that_postgresql_cannot_read_leaves_the_database_empty(
    backup: tuple[Path, str], empty: Place, tmp_path: Path
) -> None:
    import hashlib

    broken = archive_with_broken_dump(backup[0], tmp_path / "broken", hashlib.sha256)
    done = empty.run("restore", broken)
    assert done.returncode == 2
    assert "pg_restore failed" in done.stderr
    assert empty.tables() == 0


def archive_with_broken_dump(file: Path, target: Path, digest: Callable[[bytes], object]) -> Path:
    """A backup whose dump is cut off although all checksums agree."""
    dumps: list[bytes] = []

    def broken(name: str, content: bytes) -> bytes:
        if name == archive.DUMP:
            dumps.append(content[: len(content) * 2 // 3])
            return dumps[0]
        if name != archive.MANIFEST:
            return content
        said = json.loads(content)
        said["checksums"][archive.DUMP] = digest(dumps[0]).hexdigest()  # type: ignore[attr-defined]
        return json.dumps(said).encode()

    return rewritten(file, target, broken)


def test_the_embedded_server_is_backed_up_and_restored_alike() -> None:
    with tempfile.TemporaryDirectory(prefix="huiyin-") as room:
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}

        def run(folder: str, *arguments: str) -> str:
            command = [sys.executable, "-m", "huiyin.cli", *arguments, "--data", f"{room}/{folder}"]
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            assert done.returncode == 0, done.stderr
            return done.stdout

        run("first", "migrate")
        run("first", "backup", f"{room}/file")
        run("second", "restore", f"{room}/file")
        assert not Path(room, "second", "postgres", "postmaster.pid").exists()
