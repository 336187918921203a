"""How gunicorn answers pages: a few processes, each with threads, none outliving the supervisor."""

from __future__ import annotations

import os
from typing import Any

from huiyin.site.running.processes import watch_parent

wsgi_app = "huiyin.site.wsgi:application"
worker_class = "gthread"
threads = 8
preload_app = True  # once in memory for all processes; a broken site shows at once
timeout = 120
graceful_timeout = 15
keepalive = 5
loglevel = "warning"
proc_name = "huiyin"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Called in the master before it forks: stop when the supervisor is gone."""
    watch_parent(int(os.environ["HUIYIN_SUPERVISOR"]), grace=graceful_timeout + 2)
