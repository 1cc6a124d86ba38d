"""How gunicorn runs the service; address and number of workers come from the command line."""

from __future__ import annotations

import gc
from typing import Any

from service import master, metrics, metrics_folder

wsgi_app = "service:create_app()"
worker_class = "service.worker.BoundedWorker"
threads = 16
timeout = 30
graceful_timeout = 10
keepalive = 75
max_requests = 50_000  # a worker then makes way for a new one, whatever it may have gathered
max_requests_jitter = 5_000
accesslog = None
loglevel = "error"  # its warnings repeat what clients sent
logger_class = "service.server_log.ServerLog"
control_socket_disable = True
_ALLOCATIONS = 10_000  # more than a call keeps alive; what calls leave behind stays small


def on_starting(server: Any) -> None:
    """In the master, before there are workers: all is checked; a new folder for what they count."""
    del server
    master.check()
    metrics_folder.make_folder()


def on_reload(server: Any) -> None:
    """In the master, on SIGHUP, before new workers take the place of the old: the files anew."""
    del server
    master.check_again()


def child_exit(server: Any, worker: Any) -> None:
    """In the master: keep what a worker counted that is gone, however it went."""
    del server
    metrics_folder.fold(worker.pid)


def on_exit(server: Any) -> None:
    """In the master, when all is over."""
    del server
    metrics_folder.remove_folder()


def post_worker_init(worker: Any) -> None:
    """Leave what was loaded out of collections, and collect seldom: they make the p99."""
    del worker
    metrics.worker_started()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)
