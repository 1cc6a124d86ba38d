"""Observations of motor findings and raised pressure, and what denies one (DEF-12, DEF-13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fhir_mappings.answers import ICP, MOTOR
from fhir_mappings.codes import LOCAL_SYSTEM, SHIPPED
from fhir_mappings.denial import (
    Said,
    answer_of,
    clauses_of,
    doubt_in,
    is_normal,
    is_resolved,
    is_untold,
    names_of,
    said_now,
    said_of,
    stated_in,
)
from fhir_mappings.issues import IssueKind
from fhir_mappings.standing import spoken_in
from grading.model import Remark, Sign, SignKind

if TYPE_CHECKING:
    from fhir_mappings.values import Part

SIGNS_OF_CONDITIONS: Mapping[str, tuple[SignKind, bool]] = {
    "cond.sulcal_effacement": (SignKind.EDEMA_EXTENT_UNKNOWN, True),
    "cond.cerebral_edema": (SignKind.EDEMA_EXTENT_UNKNOWN, True),
    "cond.papilledema": (SignKind.PAPILLEDEMA, False),
    "cond.intracranial_hemorrhage": (SignKind.HEMORRHAGE, True),
    "cond.focal_weakness": (SignKind.MOTOR_WEAKNESS, False),
    "cond.posturing": (SignKind.POSTURING, False),
    "cond.cn6_palsy": (SignKind.CN6_PALSY, False),
    "cond.cushing_triad": (SignKind.CUSHING_TRIAD, False),
}
"""Signs that a condition names, and whether imaging shows them."""
_SUPPOSING = frozenset({"cond.sulcal_effacement"})
"""What imaging shows of an edema that it does not name: it raises no lower bound (DEF-13)."""
_BY_IMAGING = frozenset(
    {
        SignKind.FOCAL_EDEMA,
        SignKind.DIFFUSE_EDEMA,
        SignKind.EDEMA_EXTENT_UNKNOWN,
        SignKind.HEMORRHAGE,
    }
)


def doubt_of(key: str, words: str) -> tuple[str, ...]:
    """The flag of what a text only supposes, or names by what it is only seen by; none: stated."""
    return (Remark.UNCONFIRMED,) if key in _SUPPOSING else doubt_in(words, names_of(key))


def absence_of(kind: SignKind) -> SignKind:
    """What is charted of a sign that is gone, or was not found."""
    return SignKind.MOTOR_NONE if kind is SignKind.MOTOR_WEAKNESS else SignKind.ICP_NONE


_DIFFUSE = re.compile(r"\bdiffuse|\bglobal|\bgenerali[sz]ed")
_FOCAL = re.compile(r"(?<!non)(?<!non-)focal|\blocal")


def extent_in(kind: SignKind, words: str) -> SignKind:
    """Edema as focal or diffuse, where a clause that states it tells so, else where any does."""
    if kind is not SignKind.EDEMA_EXTENT_UNKNOWN:
        return kind
    names = names_of("cond.cerebral_edema")
    stated = [each.now for each in stated_in(words)]
    naming = " ".join(each for each in stated if names.search(each))
    for told in (naming, " ".join(stated)):
        if _DIFFUSE.search(told):
            return SignKind.DIFFUSE_EDEMA
        if _FOCAL.search(told):
            return SignKind.FOCAL_EDEMA
    return kind


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
    if said is Said.NOT_TOLD:
        return
    told = clause if said is Said.ABSENT else spoken_in(clause).now
    kinds = _own_words(told, absent)
    kinds.update(
        (SIGNS_OF_CONDITIONS[key][0], key)
        for key in SHIPPED.text_concepts(told, "cond")
        if key in SIGNS_OF_CONDITIONS and not (said is Said.ABSENT and key in _SUPPOSING)
    )
    for kind, key in kinds.items():
        stated = _Found(extent_in(kind, clause), flags=doubt_of(key, clause))
        yield _denied(kind) if said is Said.ABSENT else stated


_OWN_WORDS: Mapping[SignKind, tuple[tuple[str, SignKind], ...]] = {
    absent: tuple(
        (code.replace("-", " "), kind)
        for (system, code), kind in table.items()
        if system == LOCAL_SYSTEM and kind is not absent
    )
    for absent, table in ((SignKind.MOTOR_NONE, MOTOR), (SignKind.ICP_NONE, ICP))
}
"""The words of our own codes, which answer our own questions alone: "focal edema"."""


def _own_words(told: str, absent: SignKind) -> dict[SignKind, str]:
    plain = told.replace("oedema", "edema")
    return dict.fromkeys((kind for words, kind in _OWN_WORDS[absent] if words in plain), "")


def said_of_sign(clause: str) -> Said:
    """What one clause says of a sign; unlike an event, one that resolved is not there."""
    is_well = is_normal(clause.rsplit(": ", maxsplit=1)[-1]) or _SHARP_DISCS.search(clause)
    gone = is_resolved(clause) or (is_well and not _ONE_SIDE.search(clause))
    return Said.ABSENT if gone else said_now(clause)


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
        stated = _Found(kind, flags=doubt_of(key, part.words()))
        _add(part, _denied(kind) if said is Said.ABSENT else stated)

    return read


SIGN_READERS: Mapping[str, Callable[[Part], None]] = {
    "obs.motor": _sign(MOTOR, SignKind.MOTOR_NONE),
    "obs.icp_edema": _sign(ICP, SignKind.ICP_NONE),
    **{key: _finding(key) for key in SIGNS_OF_CONDITIONS},
}
"""What reads each motor or raised-pressure concept."""
