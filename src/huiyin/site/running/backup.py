"""``huiyin backup``: database and uploads in one file, as they were at one moment."""

from __future__ import annotations

import contextlib
import errno
import os
import tarfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import FileField
from django.utils import timezone

from huiyin import __version__
from huiyin.audit.actions import record
from huiyin.audit.acts import SYSTEM, Changed
from huiyin.audit.rules import head_hash
from huiyin.audit.verification import heads_now
from huiyin.site import acts
from huiyin.site.running import archive, dumping, migrating
from huiyin.site.running.words import CannotRun, say


def backup(file: Path, *, replace: bool = False) -> int:
    """Write the backup; the file appears when it is whole.

    Raises:
        CannotRun: there is such a file, or it cannot be written.
    """
    file = file.expanduser().resolve()
    _refuse_present(file, replace)
    manifest = _write(file)
    changed = Changed("site.backup", label=file.name, after={"events": manifest.events})
    record(SYSTEM, acts.MAKE_BACKUP, changed)
    size = file.stat().st_size / 1e6
    print(
        say(
            f"{file} ({size:.1f} MB, {len(manifest.checksums) - 1} uploads, {manifest.events}"
            f" events, audit head {manifest.audit_head[:16]})\n"
            "Secrets are not in it: keep a copy of the data folder's secrets/ in another place.",
            f"{file}（{size:.1f} MB，上传文件 {len(manifest.checksums) - 1} 个，审计事件"
            f" {manifest.events} 条，审计链首 {manifest.audit_head[:16]}）\n"
            "备份不含密钥：请将数据目录中的 secrets/ 另行妥善保管。",
        )
    )
    for name in manifest.missing:
        print(say(f"not there any more: {name}", f"文件已缺失：{name}"))
    return 0


def _refuse_present(file: Path, replace: bool) -> None:
    if file.is_dir() or (file.exists() and not replace):
        raise CannotRun(
            f"{file} is there already. Give another name, or --force to replace it.",
            f"{file} 已存在。请换一个文件名，或者加 --force 覆盖。",
        )
    if not file.parent.is_dir():
        raise CannotRun(
            f"There is no folder {file.parent}. Make it first.",
            f"目录 {file.parent} 不存在，请先创建。",
        )


def _write(file: Path) -> archive.Manifest:
    part, dump = file.with_name(f"{file.name}.part"), file.with_name(f"{file.name}.dump")
    try:
        with open(part, "wb", opener=_owner_only) as out, _snapshot() as snapshot:
            manifest = _manifest()
            dump.touch(mode=0o600)
            dumping.dump(dump, snapshot)
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                archive.add_file(tar, manifest, archive.DUMP, dump)
                _add_uploads(tar, manifest)
                archive.finish(tar, manifest)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError as wrong:
        raise _unwritable(file, wrong) from wrong
    finally:
        part.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)
    return manifest


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def _snapshot() -> Iterator[str]:
    """One moment of the database, for our own reads and for ``pg_dump``."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def _manifest() -> archive.Manifest:
    heads = heads_now()
    return archive.Manifest(
        made_at=timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
        version=__version__,
        migrations=migrating.applied(),
        audit_head=head_hash(heads),
        events=sum(head.length for head in heads),
    )


def _add_uploads(tar: tarfile.TarFile, manifest: archive.Manifest) -> None:
    """Every file that the database names; one that is gone is named in the manifest."""
    for name in sorted(_stored_files()):
        try:
            archive.add_file(
                tar, manifest, f"{archive.UPLOADS}{name}", Path(settings.MEDIA_ROOT, name)
            )
        except FileNotFoundError:
            manifest.missing.append(name)


def _stored_files() -> set[str]:
    """What stands in the fields for files of every model."""
    fields = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, FileField)
    ]
    return {
        name
        for model, field in fields
        for name in model._default_manager.values_list(field, flat=True).distinct()
        if name
    }


def _unwritable(file: Path, wrong: OSError) -> CannotRun:
    if wrong.errno == errno.ENOSPC:
        return CannotRun(
            f"The disk that holds {file.parent} is full; no backup was written.",
            f"{file.parent} 所在磁盘已满，未生成备份。",
        )
    return CannotRun(
        f"{file} cannot be written: {wrong.strerror or wrong}.",
        f"无法写入 {file}：{wrong.strerror or wrong}。",
    )
