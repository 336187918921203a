"""The file of a backup: a tar of ``database.dump``, ``uploads/…`` and, last, ``manifest.json``.

The manifest stands last because it holds the checksum of every other member: a file that was cut
off has none. Reading checks everything before anything is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from huiyin.site.running.words import CannotRun

FORMAT = 1
DUMP, MANIFEST, UPLOADS = "database.dump", "manifest.json", "uploads/"
PIECE = 1 << 20


@dataclass
class Manifest:
    """What a backup says of itself.

    Attributes:
        made_at: when, as ISO 8601 in UTC.
        version: of the program that made it.
        migrations: that its database had.
        audit_head: the hash over the chain of events; the same after it is restored.
        events: how many events that chain holds.
        missing: uploads that the database names and that were not there any more.
        checksums: SHA-256 of each member by its name.
    """

    made_at: str
    version: str
    migrations: list[str]
    audit_head: str
    events: int
    missing: list[str] = field(default_factory=list)
    checksums: dict[str, str] = field(default_factory=dict)


class _Summing(io.RawIOBase):
    """Reads a file and sums what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.sum = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.source.read(size)
        self.sum.update(piece)
        return piece


def add_file(archive: tarfile.TarFile, manifest: Manifest, name: str, file: Path) -> None:
    """Add a file as a member and its checksum to the manifest.

    Raises:
        FileNotFoundError: it is not there (any more).
    """
    with file.open("rb") as source:
        member = tarfile.TarInfo(name)
        member.size, member.mode = file.stat().st_size, 0o600
        member.mtime = int(file.stat().st_mtime)
        summing = _Summing(source)
        archive.addfile(member, summing)
        manifest.checksums[name] = summing.sum.hexdigest()


def finish(archive: tarfile.TarFile, manifest: Manifest) -> None:
    """Add the manifest, which ends the file."""
    said = {"format": FORMAT, "program": "huiyin", **asdict(manifest)}
    text = json.dumps(said, ensure_ascii=False, indent=1).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(text), 0o600
    archive.addfile(member, io.BytesIO(text))


def check(file: Path) -> Manifest:
    """Read a backup from end to end and return its manifest.

    Raises:
        CannotRun: it is none, of a later format, cut off or damaged.
    """
    try:
        with tarfile.open(file, "r:") as archive:
            sums, text = _sums(archive)
    except (tarfile.TarError, EOFError) as wrong:
        raise _damaged(file) if _begins_as_ours(file) else _foreign(file) from wrong
    except OSError as wrong:
        raise CannotRun(
            f"{file} cannot be read: {wrong.strerror}.", f"无法读取 {file}：{wrong.strerror}。"
        ) from wrong
    if text is None:
        raise _damaged(file) if DUMP in sums else _foreign(file)
    manifest = _manifest(file, text)
    if sums != manifest.checksums:
        raise _damaged(file)
    return manifest


def _sums(archive: tarfile.TarFile) -> tuple[dict[str, str], bytes | None]:
    sums: dict[str, str] = {}
    for member, content in _members(archive):
        if member.name == MANIFEST:
            return sums, content.read()
        digest = hashlib.sha256()
        while piece := content.read(PIECE):
            digest.update(piece)
        sums[member.name] = digest.hexdigest()
    return sums, None


def _members(archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Plain files only, with names that lead nowhere else.

    Raises:
        TarError: it holds something else.
    """
    for member in archive:
        content = archive.extractfile(member) if member.isreg() else None
        if content is None or not _is_safe(member.name):
            raise tarfile.TarError(f"unexpected member {member.name!r}")
        yield member, content


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    inside = name.startswith(UPLOADS) and ".." not in path.parts and "\\" not in name
    return name in (DUMP, MANIFEST) or inside


def extract(file: Path, dump: Path, uploads: Path) -> None:
    """Write the members of a checked backup: the dump to a file, uploads into a folder."""
    with tarfile.open(file, "r:") as archive:
        for member, content in _members(archive):
            if member.name == MANIFEST:
                return
            target = dump if member.name == DUMP else uploads / member.name.removeprefix(UPLOADS)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                while piece := content.read(PIECE):
                    out.write(piece)


def _manifest(file: Path, text: bytes) -> Manifest:
    try:
        said: dict[str, Any] = json.loads(text)
        if said.pop("program") != "huiyin":
            raise _foreign(file)
        if said.pop("format") > FORMAT:
            raise _later(file, str(said.get("version")))
        return Manifest(**said)
    except (ValueError, KeyError, TypeError) as wrong:
        raise _damaged(file) from wrong


def _begins_as_ours(file: Path) -> bool:
    with file.open("rb") as source:
        return source.read(len(DUMP) + 1) == DUMP.encode() + b"\0"


def _foreign(file: Path) -> CannotRun:
    return CannotRun(
        f"{file} is not a backup of Huiyin. Give a file that `huiyin backup` wrote.",
        f"{file} 不是回音的备份文件。请指定由 huiyin backup 生成的文件。",
    )


def _damaged(file: Path) -> CannotRun:
    return CannotRun(
        f"{file} is cut off or damaged: its checksums do not agree. Nothing was restored. Copy it"
        " again from where it was made, or take another backup.",
        f"{file} 不完整或已损坏，校验和不符，未恢复任何内容。请从原处重新复制，或者改用其他备份。",
    )


def _later(file: Path, version: str) -> CannotRun:
    return CannotRun(
        f"{file} was made by Huiyin {version}, which is later than this program. Install that"
        " version first.",
        f"{file} 由更高版本的回音（{version}）生成。请先安装该版本。",
    )
