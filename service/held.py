"""The site's files as gunicorn's master read them, for workers to inherit.

A worker that starts later, in place of one that is gone, has the very same bytes as its siblings,
whatever became of the files since: one service never grades by two policies at once.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_HELD: Final[dict[Path, bytes]] = {}
_BY_MASTER: Final = threading.Event()
"""Set where this process is a master, or was forked from one, that has checked all."""


def by_master() -> bool:
    """Whether a master has checked what the settings name: files and store."""
    return _BY_MASTER.is_set()


def text(path: str | Path, encoding: str = "utf-8") -> str:
    """What is in a file: as the master read it, where there is a master, else as it is now.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is no text of this encoding.
    """
    found = _HELD.get(Path(path))
    content = Path(path).read_bytes() if found is None else found
    return io.StringIO(content.decode(encoding), newline=None).read()


@contextmanager
def refilled(paths: Iterable[str | Path]) -> Iterator[None]:
    """Hold these files as they are now; where the block fails, what was held before stays.

    A file that cannot be read is not held: its reader will say so.
    """
    before = dict(_HELD)
    _HELD.clear()
    for path in paths:
        with suppress(OSError):
            _HELD[Path(path)] = Path(path).read_bytes()
    try:
        yield
    except BaseException:
        _HELD.clear()
        _HELD.update(before)
        raise
    _BY_MASTER.set()
