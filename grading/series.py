"""Charted facts of one input in order of time, and the questions that rules ask of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from grading.model import MINUTE, NEVER, Instant


class Timed(Protocol):
    """A fact with its time and reference."""

    @property
    def t(self) -> Instant:
        """When it was so."""

    @property
    def ref(self) -> str:
        """Where it is charted."""


Fact = TypeVar("Fact", bound=Timed)
_BY_TIME = attrgetter("t", "ref")


class Series(Generic[Fact]):
    """Facts sorted by time, then reference, so that the order in which they came never matters."""

    __slots__ = ("facts", "times")

    def __init__(self, facts: Iterable[Fact]) -> None:
        """Sort `facts`."""
        self.facts: tuple[Fact, ...] = tuple(sorted(facts, key=_BY_TIME))
        self.times: tuple[Instant, ...] = tuple(fact.t for fact in self.facts)

    def window(self, start: Instant, end: Instant) -> tuple[Fact, ...]:
        """Facts from `start` to `end`, both inclusive, oldest first."""
        return self.facts[bisect_left(self.times, start) : bisect_right(self.times, end)]

    def last_minute(self, start: Instant, end: Instant) -> tuple[Fact, ...]:
        """The facts of the newest charted minute from `start` to `end`, both inclusive (READ-4)."""
        stop = bisect_right(self.times, end)
        if not stop or self.times[stop - 1] < start:
            return ()
        minute = self.times[stop - 1] // MINUTE * MINUTE
        return self.facts[bisect_left(self.times, max(minute, start), 0, stop) : stop]

    def latest(self, start: Instant, end: Instant, badness: Callable[[Fact], Any]) -> Fact | None:
        """The newest fact from `start` to `end`, inclusive; of one minute the worst (READ-3, -4).

        `badness`: a key that is greater for a worse fact. None: nothing charted there.
        """
        tied = self.last_minute(start, end)
        if len(tied) == 1:
            return tied[0]
        return max(tied, key=badness, default=None)


class Lasting(Protocol):
    """A fact that holds from `t` to `end`, both inclusive; `end` None: still."""

    @property
    def t(self) -> Instant:
        """When it began."""

    @property
    def end(self) -> Instant | None:
        """When it ended."""


Span = TypeVar("Span", bound=Lasting)


class Spans(Generic[Span]):
    """Facts that last, by their beginning, found by when they held."""

    __slots__ = ("_begun", "_until", "all")

    def __init__(self, facts: Iterable[Span]) -> None:
        """Take `facts`, which are sorted by their beginning."""
        self.all: tuple[Span, ...] = tuple(facts)
        self._begun = tuple(fact.t for fact in self.all)
        ends = (NEVER if fact.end is None else fact.end for fact in self.all)
        self._until = tuple(accumulate(ends, max))

    def touching(self, start: Instant, end: Instant) -> tuple[Span, ...]:
        """Those that held at some instant from `start` to `end`, both inclusive.

        What ended before is passed over, but for what began after a longer one that did not.
        """
        first = bisect_left(self._until, start)
        begun = self.all[first : bisect_right(self._begun, end)]
        return tuple(fact for fact in begun if fact.end is None or fact.end >= start)
