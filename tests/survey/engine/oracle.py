"""JavaRosa as an oracle: ODK's own engine, which ships inside pyxform, driven line by line."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import pytest
import pyxform

JAR = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
SOURCE = Path(__file__).with_name("Oracle.java")
MISSING = "no Java compiler here (Debian: openjdk-17-jdk-headless)"


class JavaRosa:
    """One process of JavaRosa; every command gives the lines of its answer, split at tabs."""

    def __init__(self) -> None:
        if not shutil.which("javac"):
            pytest.skip(MISSING)
        self.folder = tempfile.TemporaryDirectory(prefix="huiyin-oracle-")
        path = self.folder.name
        subprocess.run(["javac", "-cp", JAR, "-d", path, SOURCE], check=True, capture_output=True)
        self.process = subprocess.Popen(
            ["java", "-Duser.timezone=Asia/Shanghai", "-Xmx256m", "-cp", f"{JAR}:{path}", "Oracle"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> JavaRosa:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.folder.cleanup()

    def ask(self, *words: str) -> list[list[str]]:
        """Send a command and read its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline().rstrip("\n")) != ".":
            if not line and self.process.poll() is not None:
                raise RuntimeError("JavaRosa has gone")
            lines.append(line.split("\t"))
        return lines

    def open(self, xform: str) -> None:
        """Open a form."""
        file = Path(self.folder.name, "form.xml")
        file.write_text(xform, encoding="utf-8")
        self.must("form", str(file))

    def must(self, *words: str) -> list[list[str]]:
        """The answer of a command that must not fail."""
        answer = self.ask(*words)
        assert not (answer and answer[0][0] == "error"), (words, answer)
        return answer

    def value(self, expression: str) -> tuple[str, ...]:
        """Kind and value of an expression at the root."""
        return tuple(self.ask("eval", expression)[0])
