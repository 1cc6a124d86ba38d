"""Observations of motor findings and raised pressure, and what denies one (DEF-12, DEF-13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fhir_mappings.answers import ICP, MOTOR
from fhir_mappings.codes import SHIPPED
from fhir_mappings.denial import (
    Said,
    answer_of,
    clauses_of,
    doubt_in,
    is_normal,
    is_resolved,
    is_untold,
    names_of,
    said_in_clause,
    said_of,
)
from fhir_mappings.issues import IssueKind
from grading.model import Sign, SignKind

if TYPE_CHECKING:
    from fhir_mappings.values import Part

SIGNS_OF_CONDITIONS: Mapping[str, tuple[SignKind, bool]] = {
    "cond.cerebral_edema": (SignKind.EDEMA_EXTENT_UNKNOWN, True),
    "cond.papilledema": (SignKind.PAPILLEDEMA, False),
    "cond.intracranial_hemorrhage": (SignKind.HEMORRHAGE, True),
    "cond.focal_weakness": (SignKind.MOTOR_WEAKNESS, False),
    "cond.posturing": (SignKind.POSTURING, False),
    "cond.cn6_palsy": (SignKind.CN6_PALSY, False),
    "cond.cushing_triad": (SignKind.CUSHING_TRIAD, False),
}
"""Signs that a condition names, and whether imaging shows them."""
_BY_IMAGING = frozenset(
    {
        SignKind.FOCAL_EDEMA,
        SignKind.DIFFUSE_EDEMA,
        SignKind.EDEMA_EXTENT_UNKNOWN,
        SignKind.HEMORRHAGE,
    }
)


def absence_of(kind: SignKind) -> SignKind:
    """What is charted of a sign that is gone, or was not found."""
    return SignKind.MOTOR_NONE if kind is SignKind.MOTOR_WEAKNESS else SignKind.ICP_NONE


class _Found(NamedTuple):
    """A sign, or the absence of the one that it denies; None: of its whole domain."""

    kind: SignKind
    denies: SignKind | None = None
    flags: tuple[str, ...] = ()


def _add(part: Part, found: _Found) -> None:
    part.facts.signs.append(
        Sign(
            part.at.t,
            found.kind,
            (found.denies or found.kind) in _BY_IMAGING,
            part.ref,
            (*part.flags, *found.flags),
            part.other_cause,
            found.denies,
        )
    )


def _denied(kind: SignKind) -> _Found:
    return _Found(absence_of(kind), kind)


# --- questions about a domain --------------------------------------------------------------------


def _sign(table: Mapping[tuple[str, str], SignKind], absent: SignKind) -> Callable[[Part], None]:
    def read(part: Part) -> None:
        found = {_Found(table[pair]) for pair in part.answers() if pair in table}
        if not found and answer_of(part) is Said.ABSENT:
            found = {_Found(absent)}
        if not found:
            found = _found_in_words(part.words(), absent)
        is_said = bool(part.words()) or part.value.value_codeable_concept is not None
        if not found and is_said:
            part.facts.log.add(IssueKind.REFUSED_VALUE, "neuro-exam", part.ref)
        for each in sorted(found, key=lambda item: (item.kind, item.denies or "")):
            _add(part, each)

    return read


_SHARP_DISCS = re.compile(
    r"\bdiscs? (?:are |margins? |edges? )*(?:sharp|flat|normal)"
    r"(?: and flat)?(?: bilaterally| ou)?\W*$"
    r"|^(?:sharp|flat|normal) (?:optic )?discs?(?: bilaterally| ou)?\W*$"
)
_ONE_SIDE = re.compile(r"\b(?:right|left|o[ds])\b")
_NO_SIGN = re.compile(
    r"^(?:no|none|nil|absent|negative|n|not present)$"
    r"|^(?:no|without)(?: focal| motor| neurologic\w*| acute)* (?:deficits?|weakness|findings?)$"
)


def _found_in_words(words: str, absent: SignKind) -> set[_Found]:
    """Signs that a text names and those that it denies; the absence of all where it says so."""
    return {found for clause in clauses_of(words) for found in _in_clause(clause, absent)}


def _in_clause(clause: str, absent: SignKind) -> Iterator[_Found]:
    if is_normal(clause) or _NO_SIGN.search(clause):
        yield _Found(absent)
        return
    said = said_of_sign(clause)
    for key in SHIPPED.text_concepts(clause, "cond"):
        if key in SIGNS_OF_CONDITIONS and said is not Said.NOT_TOLD:
            kind = SIGNS_OF_CONDITIONS[key][0]
            yield (
                _denied(kind)
                if said is Said.ABSENT
                else _Found(kind, flags=doubt_in(clause, names_of(key)))
            )


def said_of_sign(clause: str) -> Said:
    """What one clause says of a sign; unlike an event, one that resolved is not there."""
    is_well = is_normal(clause.rsplit(": ", maxsplit=1)[-1]) or _SHARP_DISCS.search(clause)
    gone = is_resolved(clause) or (is_well and not _ONE_SIDE.search(clause))
    return Said.ABSENT if gone else said_in_clause(clause)


# --- signs that are themselves what was observed -------------------------------------------------


def _finding(key: str) -> Callable[[Part], None]:
    """A sign that is itself what was observed; its absence where the value says no."""
    kind = SIGNS_OF_CONDITIONS[key][0]
    names = names_of(key)

    def read(part: Part) -> None:
        said = said_of(part, names, said_of_sign)
        if said is Said.NOT_TOLD:
            if not is_untold(part):
                part.facts.log.add(IssueKind.REFUSED_VALUE, "neuro-exam", part.ref)
            return
        stated = _Found(kind, flags=doubt_in(part.words(), names))
        _add(part, _denied(kind) if said is Said.ABSENT else stated)

    return read


SIGN_READERS: Mapping[str, Callable[[Part], None]] = {
    "obs.motor": _sign(MOTOR, SignKind.MOTOR_NONE),
    "obs.icp_edema": _sign(ICP, SignKind.ICP_NONE),
    **{key: _finding(key) for key in SIGNS_OF_CONDITIONS},
}
"""What reads each motor or raised-pressure concept."""
