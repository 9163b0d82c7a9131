"""`test`: every check of the project; with arguments only pytest, with these."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from linli.cli.main import Trouble
from linli.cli.messages import compile_messages
from linli.cli.session import say
from linli.house.home import SOURCE, Home

CJK_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|warnings?|deselected)")


def run(home: Home, words: list[str]) -> int:
    compile_messages()
    if words:
        return subprocess.call([sys.executable, "-m", "pytest", *words], cwd=SOURCE, env=_environment())
    install_browser()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="linli-test-"))
    try:
        environment = _environment() | {"LINLI_TEST_HOME": str(folder), "LINLI_TEST_LINGER": "0"}
        checks = [start(name, command, environment) for name, command in static_checks()]
        counts = Counter({"failed": 0, "passed": 0})
        for check in checks:
            counts["passed" if check.finish() else "failed"] += 1
        code = run_pytest(folder, environment, counts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(closing_line(counts, time.monotonic() - began), flush=True)
    return code or int(counts["failed"] > 0)


def _environment() -> dict[str, str]:
    # The settings are also read by mypy and by makemigrations: never with a real home.
    test_home = os.environ.get("LINLI_TEST_HOME") or str(SOURCE / ".linli-test")
    return os.environ | {"LINLI_HOME": test_home, "PYTHONUTF8": "1"}


# ── What a machine must have ───────────────────────────────────────────────────────────────────────


def install_browser() -> None:
    """Debian's chromium and a Chinese font, for the browser tests; installed if they are missing."""
    missing = [] if shutil.which("chromium") else ["chromium"]
    if not CJK_FONT.exists():
        missing.append("fonts-noto-cjk")
    if not missing:
        return
    by_hand = f"as root: apt-get install --no-install-recommends {' '.join(missing)}"
    if not shutil.which("apt-get"):
        raise Trouble(f"the browser tests need {' and '.join(missing)}; install them and start again.")
    prefix: list[str] = []
    if os.geteuid() != 0:
        prefix = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*prefix, "true"], capture_output=True).returncode:
            raise Trouble(f"the browser tests need {' and '.join(missing)}; {by_hand}")
    say(f"Installing {' and '.join(missing)} for the browser tests …")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    install = [*apt, "install", "-y", "--no-install-recommends", *missing]
    if subprocess.run(install, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        raise Trouble(f"{' and '.join(missing)} could not be installed; {by_hand}")


# ── Checks that run no tests ───────────────────────────────────────────────────────────────────────


def static_checks() -> list[tuple[str, list[str]]]:
    def module(*words: str) -> list[str]:
        return [sys.executable, "-m", *words]

    return [
        ("ruff", module("ruff", "check", "--quiet", ".", "linli")),
        ("mypy", module("mypy", "--no-error-summary")),
        ("imports", [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]),
        ("migrations", module("linli.cli", "manage", "makemigrations", "--check", "--dry-run")),
    ]


@dataclass
class Check:
    """A check that runs while others do; its output is shown when its turn comes, if it failed."""

    name: str
    process: subprocess.Popen[str]
    began: float = field(default_factory=time.monotonic)

    def finish(self) -> bool:
        output, _ = self.process.communicate()
        passed = self.process.returncode == 0
        took = time.monotonic() - self.began
        print(f"{self.name:<12} {'passed' if passed else 'FAILED'} ({took:.1f} s)", flush=True)
        if not passed:
            print(output.rstrip() + "\n", flush=True)
        return passed


def start(name: str, command: list[str], environment: dict[str, str]) -> Check:
    process = subprocess.Popen(
        command, cwd=SOURCE, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return Check(name, process)


# ── pytest ─────────────────────────────────────────────────────────────────────────────────────────


def run_pytest(folder: Path, environment: dict[str, str], counts: Counter[str]) -> int:
    """Run pytest on all cores over a throw-away cluster; adds its results to `counts`."""
    lease = None
    if not os.environ.get("DATABASE_URL"):
        from linli.kernel.database import Cluster

        lease = Cluster(folder / "database", durable=False).lease(linger=0.0)
    # Browsers, databases and processes are waited for as much as computed with: one more than there are cores.
    workers = 1 + max(2, os.cpu_count() or 2)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
    try:
        process = subprocess.Popen(command, cwd=SOURCE, env=environment, text=True, stdout=subprocess.PIPE)
        last = ""
        assert process.stdout is not None
        for line in process.stdout:
            found = _COUNT.search(line) and re.search(r"\bin [\d.]+s", line)
            if found:
                last = line
            else:
                print(line, end="", flush=True)
        code = process.wait()
    finally:
        if lease:
            lease.release()
    for number, what in _COUNT.findall(last):
        counts[what.removesuffix("s") if what.startswith(("error", "warning")) else what] += int(number)
    if code and not counts["failed"] and not counts["error"]:
        counts["error"] += 1  # pytest itself went wrong: the closing line must not look green
    return code


def closing_line(counts: Counter[str], seconds: float) -> str:
    """The last line, in pytest's own form: `=== 2 failed, 640 passed in 312.40s ===`."""
    order = ["failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warning", "error"]
    parts = []
    for what in order:
        number = counts[what]
        if number:
            plural = "s" if what in {"warning", "error"} and number != 1 else ""
            parts.append(f"{number} {what}{plural}")
    return f" {', '.join(parts)} in {seconds:.2f}s ".center(80, "=")
