"""Every precision and zone of FHIR dates, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_mappings.errors import TimeError
from fhir_mappings.times import UTC_ZONE, iso, read_when, to_instant

NEW_YORK = ZoneInfo("America/New_York")


def ms(*parts: int, zone: tzinfo = UTC) -> int:
    return to_instant(datetime(*parts, tzinfo=zone))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T14:00:00Z", ms(2026, 11, 22, 14)),
        ("2026-11-22T14:00:00.250Z", ms(2026, 11, 22, 14) + 250),
        ("2026-11-22T14:00:00.2Z", ms(2026, 11, 22, 14) + 200),
        ("2026-11-22T14:00:00.123456789Z", ms(2026, 11, 22, 14) + 123),
        ("2026-11-22T14:00Z", ms(2026, 11, 22, 14)),
        ("2026-11-22T14:00:00+01:00", ms(2026, 11, 22, 13)),
        ("2026-11-22T14:00:00-05:30", ms(2026, 11, 22, 19, 30)),
        ("2016-12-31T23:59:60Z", ms(2016, 12, 31, 23, 59, 59)),
        ("2026-11-22T14:00:00", ms(2026, 11, 22, 14)),
    ],
)
def test_a_full_time_is_one_instant(text: str, instant: int) -> None:
    assert read_when(text, UTC_ZONE) == (instant, instant, False)


def test_a_time_without_zone_is_in_the_zone_of_the_tenant() -> None:
    assert read_when("2026-11-22T14:00:00", NEW_YORK).first == ms(2026, 11, 22, 19)
    assert read_when("2026-07-22T14:00:00", NEW_YORK).first == ms(2026, 7, 22, 18)


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-11-22", (2026, 11, 22), (2026, 11, 23)),
        ("2026-11", (2026, 11, 1), (2026, 12, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2024-02", (2024, 2, 1), (2024, 3, 1)),
        ("2026", (2026, 1, 1), (2027, 1, 1)),
    ],
)
def test_a_partial_date_spans_its_whole_length(
    text: str, first: tuple[int, ...], after: tuple[int, ...]
) -> None:
    assert read_when(text, UTC_ZONE) == (ms(*first), ms(*after) - 1, True)


def test_a_day_is_of_its_zone() -> None:
    assert read_when("2026-11-22", NEW_YORK).first == ms(2026, 11, 22, 5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13",
        "2026-02-30",
        "0000",
        "9999-12-31",
        "2026-11-22T24:00:00Z",
        "2026-11-22T14:61:00Z",
        "2026-11-22T14:00:61Z",
        "2026-11-22T14:00:00+25:00",
        "2026-11-22 14:00:00Z",
        "2026-11-22T14Z",
        "2026-1-2",
        "٢٠٢٦-11-22",
        "2026-11-22T14:00:00Z ",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(TimeError):
        read_when(text, UTC_ZONE)


@given(st.integers(min_value=ms(1901, 1, 1), max_value=ms(2200, 1, 1)))
def test_what_is_written_is_read_back(instant: int) -> None:
    assert read_when(iso(instant), UTC_ZONE).first == instant
