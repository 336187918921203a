"""``huiyin restore``: a backup into an empty database, all of it or nothing."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from huiyin.audit.actions import record
from huiyin.audit.acts import SYSTEM, Changed
from huiyin.audit.rules import head_hash
from huiyin.audit.verification import heads_now
from huiyin.site import acts
from huiyin.site.embedded import unusable
from huiyin.site.running import archive, dumping, migrating
from huiyin.site.running.words import CannotRun, say


def restore(file: Path) -> int:
    """Check the file, restore it, hold the audit's head against the manifest, migrate.

    Raises:
        CannotRun: the file is no whole backup, or of a later version; or database or folder of
            uploads are not empty.
    """
    manifest = archive.check(file)
    _refuse_later(file, manifest)
    uploads = Path(settings.MEDIA_ROOT)
    _refuse_used(uploads)
    with _unpacked(file, uploads) as (dump, unpacked):
        dumping.load(dump)
        _compare(manifest)
        if uploads.exists():
            uploads.rmdir()
        unpacked.replace(uploads)
    steps = migrating.apply()
    changed = Changed("site.backup", label=file.name, after={"made_at": manifest.made_at})
    record(SYSTEM, acts.RESTORE_BACKUP, changed)
    print(
        say(
            f"Restored what {file.name} held on {manifest.made_at}: {manifest.events} events, audit"
            f" head {manifest.audit_head[:16]} as in the backup; {steps} steps to this version.",
            f"已恢复 {file.name}（{manifest.made_at}）：审计事件 {manifest.events} 条，审计链首"
            f" {manifest.audit_head[:16]} 与备份一致；升级到本版本 {steps} 步。",
        )
    )
    return 0


def _refuse_later(file: Path, manifest: archive.Manifest) -> None:
    known = MigrationLoader(connection).disk_migrations
    names = {f"{app}.{name}" for app, name in known}
    if not names.issuperset(manifest.migrations):
        raise CannotRun(
            f"{file} was made by Huiyin {manifest.version}, whose database this program does not"
            " know. Install that version first.",
            f"{file} 由回音 {manifest.version} 生成，本程序不识别其数据库结构。请先安装该版本。",
        )


def _refuse_used(uploads: Path) -> None:
    if connection.introspection.table_names():
        raise CannotRun(
            "The database is not empty; restoring would mix two sites. Restore into a new data"
            " folder (--data), or into an empty database (DATABASE_URL).",
            "数据库不为空，恢复会混淆两套数据。请恢复到新的数据目录（--data），或者恢复到空数据库"
            "（DATABASE_URL）。",
        )
    if uploads.exists() and any(uploads.iterdir()):
        raise CannotRun(
            f"{uploads} is not empty. Restore into a new data folder (--data).",
            f"{uploads} 不为空。请恢复到新的数据目录（--data）。",
        )


@contextlib.contextmanager
def _unpacked(file: Path, uploads: Path) -> Iterator[tuple[Path, Path]]:
    """The dump, and the uploads beside where they belong; gone again if restoring fails."""
    try:
        uploads.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix="restoring-", dir=uploads.parent))
    except OSError as wrong:
        raise unusable(uploads.parent, wrong) from wrong
    try:
        dump, unpacked = room / archive.DUMP, room / "uploads"
        unpacked.mkdir(mode=0o700)
        try:
            archive.extract(file, dump, unpacked)
        except OSError as wrong:
            raise unusable(uploads.parent, wrong) from wrong
        yield dump, unpacked
    finally:
        shutil.rmtree(room)


def _compare(manifest: archive.Manifest) -> None:
    """Undo everything if the chain of events is not the one that was backed up."""
    found = head_hash(heads_now())
    if found == manifest.audit_head:
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")  # it was empty before
        cursor.execute("CREATE SCHEMA public")
    raise CannotRun(
        f"The audit's head is {found[:16]}, the backup says {manifest.audit_head[:16]}. Somebody"
        " changed the backup. Nothing was restored.",
        f"恢复后的审计链首为 {found[:16]}，备份清单记为 {manifest.audit_head[:16]}，"
        "备份内容已被改动。未恢复任何内容。",
    )
