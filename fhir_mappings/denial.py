"""What charted words and answers say of a finding: that it is there, that it is not, or neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from fhir_mappings.codes import canonical, read_toml, system_url
from grading.model import Remark

if TYPE_CHECKING:
    from fhir_mappings.values import Part


class Said(Enum):
    """What a value says of the finding that its code names."""

    PRESENT = "present"
    ABSENT = "absent"
    NOT_TOLD = "not told"
    """Not examined, or nothing that can be understood; a finding must not be made of it."""


_SAID: Mapping[tuple[str, str], Said] = {
    canonical(system_url(system), code): said
    for section, said in (("denied", Said.ABSENT), ("not_told", Said.NOT_TOLD))
    for system, codes in read_toml("answers.toml")[section].items()
    for code in codes
}

# --- words ---------------------------------------------------------------------------------------

_BREAK = re.compile(
    r"[;\n]|\.(?!\d)|,(?=[^,;.]*:)|,(?=\s*(?:no|not|denies|negative)\b)"
    r"|(?=\b(?:without|with no)\b)|\b(?:but|except|however|although|though)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[^:]{1,60}:\s*(?=\S)")
_UNTOLD = re.compile(
    r"^(?:not (?:yet |able to be |formally )?(?:assess|test|done|perform|exam|document|chart|record"
    r"|obtain|known|applicable|evaluat|available|complete|reported)|unable to (?:be )?(?:assess"
    r"|test|exam|obtain|perform|evaluat|determine|complete)|(?:could|can) ?not (?:be )?(?:assess"
    r"|test|exam|obtain|perform|evaluat|determine)|unknown|deferred|n/a\b|not? change|unchanged"
    r"|no new (?!seiz|convuls)|refused|declined)"
)
_REMAINS = re.compile(
    r"^(?:not (?:yet |fully |completely |significantly )*(?:resolv|improv|better|recover|control)"
    r"|no (?:improvement|resolution|recovery|better))"
)
_AHEAD = re.compile(
    r"^(?:no|none|not|denies|denied|deny|without|with no|nil|absent|absence of|negative|never"
    r"|free of|n|0)(?![\w/]|-\w)"
)
_BEHIND = re.compile(
    r"\b(?:none|no|nil|absent|negative|denied|free)[\s)]*$"
    r"|\bnot (?:seen|present|observed|found|identified|noted|witnessed|detected|evident)\b"
    r"|\bruled[ -]out\b|\bexcluded\b|\b(?:seizure|convulsion)s?[ -]free\b"
)
_DOUBT = re.compile(
    r"\b(?:possibl[ey]|probabl[ey]|suspect\w*|suspicious|suspicion|concern\w* for|questionable"
    r"|(?:un)?likely|query|equivocal|may be|(?:can ?not|can't|unable to) (?:exclude|rule out))\b|\?"
)


def clauses_of(text: str) -> Iterator[str]:
    """The parts of a text that a denial does not reach across, in lower case."""
    return (clause for part in _BREAK.split(text.lower()) if (clause := part.strip(" \t-\u2013,")))


@lru_cache(maxsize=4096)
def said_in_clause(clause: str) -> Said:
    """What one clause (lower case) says of what it is about, with or without a label before it."""
    bare = _LABEL.sub("", clause)
    if _UNTOLD.search(bare):
        return Said.NOT_TOLD
    if _REMAINS.search(bare):
        return Said.PRESENT
    return Said.ABSENT if _AHEAD.search(bare) or _BEHIND.search(bare) else Said.PRESENT


def doubt_in(text: str) -> tuple[str, ...]:
    """The flag of what a text only supposes, as "possible seizure"; none: it states it."""
    return (Remark.UNCONFIRMED,) if _DOUBT.search(text.lower()) else ()


_RESOLVED = re.compile(r"\bresolved\b|\bresolution of\b")
_NOT_RESOLVED = re.compile(r"\b(?:not|never|no|incomplete(?:ly)?|partial(?:ly)?) (?:\w+ )?resol")


def is_resolved(text: str) -> bool:
    """Whether a text says of what it names that it resolved."""
    lowered = text.lower()
    return bool(_RESOLVED.search(lowered)) and not _NOT_RESOLVED.search(lowered)


# --- values --------------------------------------------------------------------------------------


def answer_of(part: Part) -> Said | None:
    """What a yes or no says, or a code that stands for one; None: the value is neither."""
    boolean = part.value.value_boolean
    if boolean is not None:
        return Said.PRESENT if boolean else Said.ABSENT
    coded = {_SAID[pair] for pair in part.answers() if pair in _SAID}
    if not coded:
        return None
    return Said.ABSENT if Said.ABSENT in coded else Said.NOT_TOLD


def said_of(
    part: Part, names: re.Pattern[str], said_in: Callable[[str], Said] = said_in_clause
) -> Said:
    """What the value of a finding says: no value at all states the finding that the code names.

    `names`: words by which a later clause states it after all. A number of 0 denies it.
    """
    answer = answer_of(part)
    if answer is not None:
        return answer
    quantity = part.quantity()
    if quantity is not None and quantity.value == 0:
        return Said.ABSENT
    clauses = list(clauses_of(part.words()))
    if not clauses:
        return Said.NOT_TOLD if is_untold(part) else Said.PRESENT
    later = any(names.search(each) and said_in(each) is Said.PRESENT for each in clauses[1:])
    return Said.PRESENT if later else said_in(clauses[0])


def is_untold(part: Part) -> bool:
    """Whether a reason stands where the value would be (`dataAbsentReason`)."""
    value = part.value
    has_value = (
        value.value_boolean is not None
        or value.value_string is not None
        or value.value_codeable_concept is not None
        or part.quantity() is not None
    )
    return not has_value and bytes(value.data_absent_reason) not in (b"", b"null")
