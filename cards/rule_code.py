"""Where the code of a rule is, and its source text: read once for each place."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import Any, NamedTuple

_CONTENT = "grading/knowledge"


class Code(NamedTuple):
    """A file of the repository, the function in it, and its text; a TOML file has neither."""

    path: str
    name: str = ""
    text: str = ""


@cache
def code_at(place: str) -> Code:
    """The code of `module:function` (`module:Class.method`), or a TOML file of the content."""
    module, _, name = place.partition(":")
    if not name:
        return Code(f"{_CONTENT}/{place}")
    found = attrgetter(name)(import_module(module))
    return Code(_path(module), name, _source(found))


@cache
def code_of(function: Callable[..., Any]) -> Code:
    """The code of a function."""
    return Code(_path(function.__module__), function.__qualname__, _source(function))


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _source(found: Any) -> str:
    """Without the indent of a class around it."""
    function: Any = found.fget if isinstance(found, property) else found
    return inspect.cleandoc(f"\n{inspect.getsource(function)}").strip()
