"""Grades over time, as the CDS service gives them by the hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import requests

from sandbox.catalog import Resource
from sandbox.client import ClientError, post

_MOST_POINTS: Final = 1000
_FEW: Final = 24


@dataclass(frozen=True, slots=True, repr=False)
class Timeline:
    """Asks the service at `cds` about the chart that `request`, a call of patient-view, is of."""

    session: requests.Session
    cds: str
    request: Resource

    def between(self, first: datetime, last: datetime) -> list[Resource]:
        """The assessment at each hour until `last`; coarser where that were more than 1,000.

        Raises `ClientError` where the service does not give it.
        """
        hours = max(1, round((last - first).total_seconds() / 3600))
        step = -(-hours // (_MOST_POINTS - 1))
        instants = [last - timedelta(hours=step * each) for each in range(hours // step, -1, -1)]
        return self._graded(instants, 60 * step)

    def at(self, instant: datetime) -> Resource:
        """The assessment at one instant; raises `ClientError` as above."""
        return self._graded([instant], 60)[0]

    def _graded(self, instants: Sequence[datetime], minutes: int) -> list[Resource]:
        """The points of these instants; in halves where the service's deadline is too short."""
        body = {
            "request": self.request,
            "from": rfc_3339(instants[0]),
            "to": rfc_3339(instants[-1]),
            "stepMinutes": minutes,
        }
        answer = post(self.session, f"{self.cds}/timeline", body)
        if answer.status == requests.codes.service_unavailable and len(instants) > _FEW:
            half = len(instants) // 2
            return [
                *self._graded(instants[:half], minutes),
                *self._graded(instants[half:], minutes),
            ]
        points = list(answer.body.get("points", ()))
        if answer.status != requests.codes.ok or not points:
            raise ClientError(f"/timeline answered {answer.status} {answer.problem}")
        return points


def rfc_3339(moment: datetime) -> str:
    """An instant as it is written in a request, in UTC to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
