"""Where the workers of one gunicorn keep what they count: a folder of its own for each start.

The library writes two files for each worker, and never deletes one, so that counters do not fall.
The files of a worker that is gone are added to one pair, or the folder would grow with each one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""By which the library knows the folder."""
_LOCK: Final = "lock"
_KINDS: Final = ("counter", "histogram")
_GONE: Final = 0
"""Stands for the process id of every worker that is gone."""


def folder() -> Path | None:
    """Where this process and its siblings count; None: it counts for itself alone."""
    name = os.environ.get(_VARIABLE)  # noqa: TID251 - no setting: from our master to its workers
    return Path(name) if name else None


def make_folder() -> Path:
    """A new, empty folder, in which this process's children count from now on."""
    made = Path(tempfile.mkdtemp(prefix="cart-cds-metrics-"))
    (made / _LOCK).touch()
    os.environ[_VARIABLE] = str(made)  # noqa: TID251 - as above
    return made


def remove_folder() -> None:
    """Delete the folder, if there is one; nothing is counted after that."""
    found = folder()
    if found is not None:
        shutil.rmtree(found, ignore_errors=True)


@contextmanager
def reading(shared: Path) -> Iterator[None]:
    """While the files of no worker are moved."""
    with _locked(shared, fcntl.LOCK_SH):
        yield


def fold(pid: int) -> None:
    """Add what a worker that is gone has counted to that of the others that are."""
    shared = folder()
    if shared is None:
        return
    with _locked(shared, fcntl.LOCK_EX):
        for kind in _KINDS:
            left = shared / f"{kind}_{pid}.db"
            if left.exists():
                _add(left, shared / f"{kind}_{_GONE}.db")
                left.unlink()


def _add(left: Path, total: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415 - see `meters`

    sums: Any = MmapedDict(str(total))  # type: ignore[no-untyped-call]
    for key, counted, stamp, _ in MmapedDict.read_all_values_from_file(str(left)):  # type: ignore[no-untyped-call]
        sums.write_value(key, sums.read_value(key)[0] + counted, stamp)
    sums.close()


@contextmanager
def _locked(shared: Path, how: int) -> Iterator[None]:
    with (shared / _LOCK).open("rb") as lock:
        fcntl.flock(lock, how)
        yield
