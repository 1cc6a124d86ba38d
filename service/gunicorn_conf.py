"""How gunicorn runs the service; address and number of workers come from the command line."""

from __future__ import annotations

import gc
from typing import Any

wsgi_app = "service:create_app()"
worker_class = "service.worker.BoundedWorker"
threads = 16
timeout = 30
graceful_timeout = 10
keepalive = 75
max_requests = 0
accesslog = None
loglevel = "error"  # its warnings repeat what clients sent
control_socket_disable = True
_ALLOCATIONS = 50_000


def post_worker_init(worker: Any) -> None:
    """Leave what was loaded out of collections, and collect seldom: they make the p99."""
    del worker
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)
