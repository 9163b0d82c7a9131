"""`check [--json] [name …]`: what is wrong with this installation and how to mend it.

`check --audit` asks the advisory database about the pinned packages (needs pip-audit and a network).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib.util import find_spec

from linli.cli.session import database
from linli.house.home import SOURCE, Home
from linli.kernel.database import DatabaseTrouble
from linli.kernel.database.address import BadAddress


def run(home: Home, words: list[str]) -> int:
    parser = argparse.ArgumentParser("./linli check", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--audit", action="store_true", help="ask for known weaknesses of the pinned packages")
    parser.add_argument("names", nargs="*", help="only these checks")
    chosen = parser.parse_args(words)
    if chosen.audit:
        return audit()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.house.settings")
    try:
        with database(home):
            return _run(chosen.names, as_json=chosen.json)
    except (DatabaseTrouble, BadAddress) as trouble:
        if chosen.json:
            row = {"check": "database", "level": "error", "wrong": str(trouble), "mend": ""}
            print(json.dumps([row], ensure_ascii=False, indent=2))
        else:
            print(f"✗ database: {trouble}")
        return 1


def audit() -> int:
    """pip-audit over the lock the house is installed from: 0 nothing known, 1 something found, 2 not possible."""
    if not _has_pip_audit():
        sys.stderr.write(f"linli: pip-audit is not installed: {sys.executable} -m pip install pip-audit\n")
        return 2
    lock = SOURCE / "requirements" / "base.lock"
    words = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "-r", str(lock)]
    return subprocess.call(words)


def _has_pip_audit() -> bool:
    return find_spec("pip_audit") is not None


def _run(names: list[str], *, as_json: bool) -> int:
    import django

    django.setup()
    from linli.house import checks
    from linli.house.checks.registry import as_json as rows

    known = checks.all_checks()
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.stderr.write(f"linli: no check `{unknown[0]}`; there are: {', '.join(known)}.\n")
        return 2
    results = list(checks.run(names or None))
    worst = {finding.level for _, findings in results for finding in findings}
    if as_json:
        print(json.dumps(rows(results), ensure_ascii=False, indent=2))
    else:
        for name, findings in results:
            if not findings:
                print(f"✓ {name}")
            for finding in findings:
                print(f"{'✗' if finding.level == 'error' else '!'} {name}: {finding.wrong}\n    → {finding.mend}")
    return int(checks.Level.ERROR in worst)
