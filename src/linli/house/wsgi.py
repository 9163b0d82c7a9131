"""What granian serves."""

import os
import signal

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from linli.house.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.house.settings")

if os.environ.get("LINLI_PROCESS") == "linli web":
    # We are a worker of granian: if its main process is killed nobody would ever stop us.
    die_with_parent(how=signal.SIGKILL)
    if os.getppid() == 1:
        raise SystemExit("the web server is gone")

application = get_wsgi_application()
_ = get_resolver().url_patterns  # a mistake in a door shows at the start, and the first visitor need not wait
