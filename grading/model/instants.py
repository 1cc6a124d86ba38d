"""Instants: whole milliseconds since 1970-01-01T00:00:00Z.

A day of hourly charting can be searched and compared without building date objects.
"""

from __future__ import annotations

Instant = int
SECOND: Instant = 1_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR
ALWAYS: Instant = -(2**62)
"""Complete back to the beginning."""
NEVER: Instant = 2**62
"""Complete from no instant at all: not read."""
