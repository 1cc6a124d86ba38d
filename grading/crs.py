"""CRS by ASTCT 2019: the fever gate, then the worse of hypotension and hypoxia (2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from grading.chart import DRUGS, Chart
from grading.component import Component
from grading.crs_point import CrsPoint
from grading.episode import Episode, is_fever, last_charted
from grading.fever import Fever, FeverState, Gate
from grading.history import history_of, is_side_unknown
from grading.model import (
    HOUR,
    Assessment,
    Basis,
    Instant,
    Missing,
    Note,
    State,
)
from grading.peak import peak_of
from grading.runs import lasts_to

_FEVER_TEXT = {
    FeverState.PRESENT: "Fever in the last 24 h",
    FeverState.WAIVED: "Fever not required: episode open and treated",
    FeverState.MASKED: "No fever seen, it may be masked or unread",
    FeverState.ABSENT: "No fever in the last 24 h",
    FeverState.UNKNOWN: "No temperature in the last 24 h",
    FeverState.CLOSED: "No CRS episode open, none opens this late",
}
_GRADED = (FeverState.PRESENT, FeverState.WAIVED)
_NOT_KNOWN = (FeverState.MASKED, FeverState.UNKNOWN)


def _state(point: CrsPoint) -> State:
    if point.grade.lo >= 1:
        return State.ACTIVE
    match point.gate.state:
        case FeverState.WAIVED:
            return State.RESOLVING
        case FeverState.MASKED:
            return State.POSSIBLE_MASKED
        case FeverState.UNKNOWN:
            return State.NOT_ASSESSABLE
        case FeverState.PRESENT | FeverState.ABSENT | FeverState.CLOSED:
            return State.NONE


# --- the assessment ------------------------------------------------------------------------------


def grade_crs(
    chart: Chart,
    fever: Fever,
    points: Iterable[Instant],
    point_at: Callable[[Instant], CrsPoint],
) -> Assessment:
    """CRS at `now` with its basis (CRS-F1 to G4); missing data widen the range, never raise.

    `points`: the evaluation points (READ-11); `point_at`: CRS at an instant of the course.
    """
    point = point_at(chart.now)
    gate = point.gate
    graded = gate.state in (*_GRADED, *_NOT_KNOWN)
    axes = (point.hypotension, point.hypoxia)
    episode = gate.episode
    peak = peak_of(chart, episode, points, point_at) if episode else None
    known = onset_known(chart, episode)
    history = history_of(chart, "crs")
    return Assessment(
        syndrome="crs",
        grade=point.grade,
        state=_state(point),
        rules=_rules(gate, axes),
        basis=(_fever_basis(gate), *(axis.basis() for axis in axes)),
        missing=_missing(chart, gate, axes) if graded else (),
        stale=_stale(chart, gate, axes),
        assumptions=_unique(item for axis in axes for item in axis.assumptions),
        notes=_notes(chart, point),
        onset=episode.onset if episode else None,
        onset_known=known,
        onset_hours=onset_hours(chart, episode.onset) if episode and known else None,
        peak=peak.grade if peak else 0,
        peak_at=peak.at if peak and peak.grade else None,
        peak_at_least=history.is_cut and episode is not None,
        charted=last_charted(fever.charted),
        history_from=history.read_from if history.is_cut else None,
        bout=episode.onset if episode else None,
    )


def onset_known(chart: Chart, episode: Episode | None) -> bool:
    """Whether the onset is certain: a negative point before it was read, or early (READ-14).

    It hangs on temperatures; where a clinician charted CRS, on the bedside observations too.
    """
    if episode is None or is_side_unknown(chart, episode.onset):
        return False
    reach = chart.snapshot.reach
    read_from = max(reach.temperature, reach.bedside) if episode.charted else reach.temperature
    if read_from <= chart.start:
        return True
    before = chart.temperatures.window(read_from, episode.onset - 1)
    early = episode.onset - chart.infusion_before(episode.onset) < chart.policy.early_onset_h * HOUR
    return bool(before) or early


def onset_hours(chart: Chart, onset: Instant) -> Decimal:
    """Hours from the latest infusion at or before `onset`, to a tenth of a minute or finer."""
    return Decimal(onset - chart.infusion_before(onset)) / HOUR


def _rules(gate: Gate, axes: Iterable[Component]) -> tuple[str, ...]:
    ids = [gate.state.value]
    if gate.state is not FeverState.CLOSED:
        for axis in axes:
            ids += [axis.row.id, *axis.extra_rules]
    return _unique(ids)


def _fever_basis(gate: Gate) -> Basis:
    met = True if gate.state in _GRADED else (None if gate.state in _NOT_KNOWN else False)
    return Basis(gate.state.value, "fever", _FEVER_TEXT[gate.state], met, gate.evidence)


def _missing(chart: Chart, gate: Gate, axes: Iterable[Component]) -> tuple[str, ...]:
    items: list[str] = []
    if gate.temperature is None and gate.state in _NOT_KNOWN:
        items.append(Missing.TEMPERATURE)
    for axis in axes:
        items += axis.missing
    if chart.snapshot.birth is None:
        items.append(Missing.AGE)
    return _unique([*items, *gate.history_gap])


def _stale(chart: Chart, gate: Gate, axes: Iterable[Component]) -> tuple[str, ...]:
    """Inputs older than their interval; the temperature too where the grade does not need it.

    Where fever is waived no temperature is missing, however old the last one is (MON-7).
    """
    items = [item for axis in axes for item in axis.stale]
    since = chart.now - chart.policy.mon_temperature_h * HOUR
    used = gate.temperature is not None or gate.state is FeverState.WAIVED
    if used and not chart.temperatures.window(since, chart.now):
        items.insert(0, Missing.TEMPERATURE)
    return _unique(items)


def _notes(chart: Chart, point: CrsPoint) -> tuple[str, ...]:
    gate = point.gate
    axes = (point.hypotension, point.hypoxia)
    notes = [*_fever_notes(chart, point)]
    notes += [note for axis in axes for note in axis.notes]
    notes += _drug_notes(chart)
    if chart.age_at(chart.now) is None:
        notes.append(Note.ADULT_LINE_ASSUMED)
    if gate.episode is not None and not onset_known(chart, gate.episode):
        notes.append(f"{Note.ONSET_UNCERTAIN}:{gate.episode.onset}")
    if (shown := history_of(chart, "crs").shown) is not None:
        notes.append(f"{Note.HISTORY_FROM}:{shown}")
    return _unique(notes)


def _fever_notes(chart: Chart, point: CrsPoint) -> Iterable[str]:
    gate = point.gate
    policy = chart.policy
    if gate.episode is not None and gate.episode.late and onset_known(chart, gate.episode):
        yield f"{Note.LATE_CRS}:{chart.day_at(gate.episode.onset)}"
    fever = gate.temperature if gate.state is FeverState.PRESENT else None
    if fever is not None and fever.value == policy.fever_threshold_c:
        yield Note.AT_THRESHOLD
    match gate.state:
        case FeverState.WAIVED:
            yield Note.FEVER_WAIVED
        case FeverState.MASKED:
            yield Note.FEVER_MASKED
        case FeverState.ABSENT if max(point.hypotension.lo, point.hypoxia.lo) >= 2:  # noqa: PLR2004
            yield Note.NOT_CRS_WITHOUT_FEVER
        case FeverState.CLOSED if _fever_lately(chart):
            yield f"{Note.AFTER_WINDOW_FEVER}:{chart.day_at(chart.now)}"
        case _:
            return


def _fever_lately(chart: Chart) -> bool:
    """Whether a qualifying fever was charted in the window: none of another cause (CRS-F1)."""
    since = chart.now - chart.policy.fever_window_h * HOUR
    lately = chart.temperatures.window(since, chart.now)
    return any(is_fever(item, chart.policy) for item in lately)


def _drug_notes(chart: Chart) -> Iterable[str]:
    """Pressors that ASTCT grading does not count, running or given now (DEF-5)."""
    since = chart.now - chart.policy.support_window_h * HOUR
    named = sorted(
        {
            dose.drug
            for dose in chart.counted
            if dose.drug in DRUGS["vasopressor-not-counted"] and lasts_to(dose, chart.now) >= since
        }
    )
    return [f"{Note.VASOPRESSOR_NOT_COUNTED}:{', '.join(named)}"] if named else []


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(item) for item in items))
