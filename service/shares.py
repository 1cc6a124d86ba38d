"""Threads that several servers share: a slow one never has them all."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Lock

Work = Callable[[], None]


class _Settled(AbstractContextManager[None]):
    """Tells whoever waits for a future how the work in its block ended."""

    def __init__(self, future: Future[None]) -> None:
        self._future = future

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            self._future.set_result(None)
        else:
            self._future.set_exception(error)
        return True


class Shares:
    """A pool of `threads`, of which no owner has more than `most` at a time; the rest waits."""

    def __init__(self, threads: int, most: int) -> None:
        """Threads start when they are needed."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fhir")
        self._most = most
        self._lock = Lock()
        self._held: Counter[object] = Counter()
        self._waiting: defaultdict[object, deque[tuple[Future[None], Work]]] = defaultdict(deque)

    def submit(self, owner: object, work: Work) -> Future[None]:
        """Run `work` in a thread of `owner`, in turn.

        Raises:
            RuntimeError: no thread can be had.
        """
        future: Future[None] = Future()
        with self._lock:
            self._waiting[owner].append((future, work))
            starts = self._held[owner] < self._most
            self._held[owner] += starts
        if starts:
            try:
                self._pool.submit(self._run_all, owner)
            except RuntimeError:
                future.cancel()
                with self._lock:
                    self._drop(owner)
                raise
        return future

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown()

    def _run_all(self, owner: object) -> None:
        """What waits for a thread of `owner`, until nothing does."""
        while (waiting := self._next(owner)) is not None:
            future, work = waiting
            if future.set_running_or_notify_cancel():
                with _Settled(future):
                    work()
            del future, work, waiting  # what was read is not kept for as long as a thread waits

    def _next(self, owner: object) -> tuple[Future[None], Work] | None:
        with self._lock:
            if self._waiting[owner]:
                return self._waiting[owner].popleft()
            self._drop(owner)
        return None

    def _drop(self, owner: object) -> None:
        """One thread less, under the lock; of an owner that has none nothing is kept."""
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]
            self._waiting.pop(owner, None)
