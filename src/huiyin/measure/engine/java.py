"""The Java that Spark runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from huiyin.measure.errors import MeasureError

#: Oldest Java that Spark 4 runs on.
OLDEST = 17

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


def refuse_unfit_java() -> None:
    """Raise ``java-missing`` or ``java-too-old`` unless Spark's launcher will find a Java.

    It takes ``$JAVA_HOME/bin/java`` where that variable is set, else ``java`` on the path.
    """
    java = _java()
    version = None if java is None else _version_of(java)
    if version is None:
        raise MeasureError(
            "java-missing",
            f"Spark needs Java {OLDEST} or newer, and {_looked_for()}; install it (Debian:"
            " openjdk-17-jre-headless), or name it in JAVA_HOME",
            f"Spark 需要 Java {OLDEST} 或更高版本，但{_looked_for_zh()}；请安装（Debian 软件包："
            "openjdk-17-jre-headless），或用环境变量 JAVA_HOME 指明其位置",
            place="--engine",
        )
    if version < OLDEST:
        raise MeasureError(
            "java-too-old",
            f"Spark needs Java {OLDEST} or newer, and {java} is Java {version}; install a newer"
            " one (Debian: openjdk-17-jre-headless), or name it in JAVA_HOME",
            f"Spark 需要 Java {OLDEST} 或更高版本，而 {java} 是 Java {version}；请安装新版本"
            "（Debian 软件包：openjdk-17-jre-headless），或用环境变量 JAVA_HOME 指明其位置",
            place="--engine",
        )


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else shutil.which("java")


def _version_of(java: str) -> int | None:
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(told.stderr + told.stdout)
    return int(found[1]) if found else None


def _looked_for() -> str:
    home = os.environ.get("JAVA_HOME")
    return f"JAVA_HOME={home} holds none that runs" if home else "there is no java on the path"


def _looked_for_zh() -> str:
    home = os.environ.get("JAVA_HOME")
    return f"JAVA_HOME={home} 下没有可运行的 Java" if home else "系统路径中找不到 java"
