"""Settings for tests: the real ones with a home of their own, quick passwords and plain static files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from linli.house.home import SOURCE

# A home for tests only: keys and cluster of a developer's own home are never touched.
os.environ["LINLI_HOME"] = os.environ.get("LINLI_TEST_HOME") or str(SOURCE / ".linli-test")
os.environ["LINLI_DATABASE_FAST"] = "1"

from linli.house.settings import *  # noqa: F403
from linli.house.settings import DATABASES, STORAGES

DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
DATABASES["default"]["OPTIONS"].pop("pool", None)

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # one-time passwords
]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
LINLI_LIMITS = "off"  # a suite comes from one address; tests about the limits set their own
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]

# One folder a process; made when the first photo comes, removed by `conftest.py`.
MEDIA_ROOT = Path(tempfile.gettempdir()) / f"linli-test-files-{os.getpid()}"
