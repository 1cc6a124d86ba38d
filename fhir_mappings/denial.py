"""What charted words and answers say of a finding: that it is there, that it is not, or neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from fhir_mappings.codes import SHIPPED, canonical, read_toml, system_url
from fhir_mappings.standing import Spoken, spoken_in
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
    for section, said in (
        ("affirmed", Said.PRESENT),
        ("denied", Said.ABSENT),
        ("not_told", Said.NOT_TOLD),
    )
    for system, codes in read_toml("answers.toml")[section].items()
    for code in codes
}

# --- words ---------------------------------------------------------------------------------------

_DOUBTS = (
    r"(?:\b(?:possibl[ey]|probabl[ey]|suspect\w*|suspicious|suspicion|concern\w* for|questionable"
    r"|(?:unclear|unsure|uncertain|not (?:sure|clear)) if"
    r"|(?:un)?likely|query|equivocal|may be|(?:can ?not|can't|not|unable to|to|should|must)"
    r" (?:be )?(?:excluded?|ruled? out))\b|\?)"
)
_DOUBT = re.compile(_DOUBTS)
_ALONE = (
    r"\s*(?:none|no|nil|absent|negative|denied|excluded|ruled out"
    r"|(?:now |has |have |since |fully |completely )*resolved"
    r"|not (?:seen|present|observed|found|identified|noted|detected|evident)"
    r"|(?:by )?(?:history|hx)(?: of)?|(?:at )?(?:baseline|old|remote|chronic|congenital)|childhood"
    r"|long-?standing|unchanged from baseline|(?:at |high |low )*risk"
    r"|residual (?:from|after|of|due to) [^,;.\n]{1,40}|non-?epileptic|psychogenic"
    r"|(?:now |much |clearly )*(?:worse|worsened|worsening)(?: today| overnight)?"
    rf"|{_DOUBTS})\s*(?=[,;.)\n]|$)"
)
"""A remark after a comma that is about what stands before it."""
_SENTENCE = re.compile(r"[;\n]|\.(?!\d)|\b(?:but|except|however|although|though)\b")
_BREAK = re.compile(
    rf",(?!{_ALONE})(?:(?=[^,;.]*:)|(?=\s*(?:no|not|denies|negative)\b)"
    r"|(?!(?:(?!tonic\S* seiz|\d ?(?:min|sec)|\bthen\b|\bhad\b|postictal)[^;.\n]){0,300}"
    r"\b(?:or|nor)\b(?! \d)))"
    r"|(?=\b(?:without|with no)\b)"
    r"|(?<!left )(?<!right )\band (?=(?:left|right|new|bilateral|positive)\b)"
)
"""Where a denial ends: it reaches over "A, B or C", and not from "no A" to "left B"."""
_COMMAS = re.compile(r",(?:\s*,)+")
_LABEL = re.compile(r"^[^:]{1,60}:\s*(?=\S)")
_DENIES = r"(?:(?:patient|pt|family) )?(?:denies|denied|deny)"
_LIST = re.compile(rf"^(?:no|{_DENIES}|without|with no|negative for|absence of|free of)\b")
_HEAD = re.compile(
    rf"^(?:{_DENIES}|(?:family |past |personal |previous |prior |remote |known |medical )*"
    r"(?:history|hx)\b(?: of\b|:)|h/o\b|pmhx?\b:?|fhx?\b:?"
    r"|(?:at |high |low |increased )*risk (?:of|for)\b|monitor\w* for\b)"
)
"""What holds of every bare member of the list that it begins: "history of stroke, seizures"."""
_HISTORY = re.compile(r"^(?!family|fh)(?:.*\b(?:history|hx)\b|h/o|pmh)")
_ACUTE = re.compile(r"status epilepticus|(?:cerebral|brain) (?:o?edema|herniation)|papill?edema")
_STATED = re.compile(
    r"\b(?:left|right|bilateral|new|present|positive|seen|noted|observed|witnessed|generali[sz]ed"
    r"|tonic|diffuse|severe|moderate|mild|persist\w*|worse\w*|ongoing|had|has|is|was|with|for"
    r"|today|now|started)\b|\d|:"
)
"""Words by which a later member of a list of denials is a finding of its own."""
_FIT = re.compile(r"seiz|convuls|tonic|clonus")
_KIND_OF_FIT = re.compile(
    r"^(?:generali[sz]ed |focal )?(?:generali[sz]ed|focal|tonic[ -]?clonic|tonic|clonic)"
    r"(?: movements)?(?: or \w+)?$"
)
_UNTOLD = re.compile(
    r"^(?:not (?:yet |able to be |formally )?(?:assess|test|done|perform|exam|document|chart|record"
    r"|obtain|known|applicable|evaluat|available|complete|reported)|unable to (?:be )?(?:assess"
    r"|test|exam|obtain|perform|evaluat|determine|complete)|(?:could|can) ?not (?:be )?(?:assess"
    r"|test|exam|obtain|perform|evaluat|determine)|deferred|n/a\b|uta\b|no new (?!seiz|convuls)"
    r"|unknown(?! (?:seizure )?(?:cause|etiolog|aetiolog|origin|source|reason|type|onset|duration))"
    r"|(?:not? change[sd]?|unchanged)(?:\W*$| (?:from|since|compared|today|overnight)\b"
    r"| (?:in )?(?:neuro\w* |mental |physical )?(?:exam|status|condition|baseline))"
    r"|not (?:well |clearly )?(?:visuali[sz]|view|check|monitor|indicated|able to)"
    r"|(?:no|none) (?:view|exam(?!\w* (?:finding|evidence))|fundoscop|data|information"
    r"|documentation|eeg\b(?! (?:seiz|evidence|correl|activity))|perform)|refused|declined)"
    r"|^(?:(?!\bwith\b).)*\bnot (?:well |clearly )?(?:visuali[sz]ed|assess\w*|examined|evaluated"
    r"|tested|performed|done|checked|monitored)\W*$"
)
_REMAINS = re.compile(
    r"^(?:not (?:yet |fully |completely |significantly )*(?:resolv|improv|better|recover|control)"
    r"|no (?:improvement|resolution|recovery|better)|unchanged\b"
    r"|not? (?:significant(?:ly)? |interval |acute )*chang\w* )"
)
_AHEAD = re.compile(
    rf"^(?:no|none|not|{_DENIES}|without|with no|nil|absent|absence of|free of|n"
    r"|neg(?:ative)?(?! (?:pressure|margin))|never(?! resolv)|false|0(?!\.\d))(?![\w/]|-\w)"
)
_BEHIND = re.compile(
    r"^(?:(?!\bwith\b).)*\b(?:none|no|nil|absent|negative|denied|free)[\s)]*$"
    r"|\bnot (?:seen|present|observed|found|identified|noted|detected|evident|recorded|captured)\b"
    r"(?! (?:previously|before|yesterday|on prior))|\bactivity not witnessed\b"
    r"|\bno longer (?:present|seen|evident|noted)\b"
    r"|(?<!not )(?<!be )\b(?:ruled[ -]out|excluded)\b|\b(?:can|could) be (?:ruled out|excluded)\b"
    r"|\b(?:seizure|convulsion)s?[ -]free\b|\bburden (?:of )?0(?:\.0)? ?%"
)


def clauses_of(text: str) -> Iterator[str]:
    """The parts of a text that a denial does not reach across, in lower case.

    A bare later member of a list of denials may be denied or not, and ends with a question mark:
    the second of "No hemiparesis, posturing". One of a list that begins with a history, a risk or
    "denies" has those words before it; in doubt too where it is seldom of before, as "H/o
    lymphoma, cerebral edema".
    """
    for sentence in _SENTENCE.split(text.lower()):
        head, of_fits = "", False
        for part in _BREAK.split(_COMMAS.sub(",", sentence)):
            clause = part.strip(" \t-\u2013,")
            is_kind = of_fits and bool(_KIND_OF_FIT.search(clause))
            is_open = bool(head) and (is_kind or _is_bare(clause))
            if not is_open:
                head = _head(clause)
            of_fits = bool(head) and (of_fits if is_open else bool(_FIT.search(clause)))
            if clause:
                yield _member(head, clause) if is_open else clause


def _head(clause: str) -> str:
    """The words by which a clause begins a list of what is denied, old, of others or a risk."""
    found = _HEAD.search(clause) or _LIST.search(_LABEL.sub("", clause))
    return found[0] if found else ""


def _member(head: str, clause: str) -> str:
    is_doubted = not _HEAD.search(head) or (_HISTORY.search(head) and _ACUTE.search(clause))
    return f"{clause} ?" if is_doubted else f"{head} {clause}"


def _is_bare(clause: str) -> bool:
    return not _STATED.search(clause) and said_in_clause(clause) is Said.PRESENT


@lru_cache(maxsize=4096)
def said_in_clause(clause: str) -> Said:
    """What one clause (lower case) says of what it is about, with or without a label before it."""
    bare = _LABEL.sub("", clause)
    if _UNTOLD.search(bare):
        return Said.NOT_TOLD
    if _REMAINS.search(bare):
        return Said.PRESENT
    return Said.ABSENT if _AHEAD.search(bare) or _BEHIND.search(bare) else Said.PRESENT


def stated_in(text: str) -> list[Spoken]:
    """What the clauses of a text that deny nothing say of now and of before."""
    return [spoken_in(each) for each in clauses_of(text) if said_in_clause(each) is Said.PRESENT]


def said_now(clause: str) -> Said:
    """What one clause says of this patient now; history, risks and plans tell nothing."""
    said = said_in_clause(clause)
    if said is Said.PRESENT and not spoken_in(clause).says_now:
        return Said.NOT_TOLD
    return said


_NORMAL = re.compile(r"^(?:normal|intact|wnl|wdl|within (?:normal|defined) limits)\W*$")


def is_normal(clause: str) -> bool:
    """Whether a clause (lower case) says no more than that all is as it should be."""
    return bool(_NORMAL.search(clause))


# --- doubt ---------------------------------------------------------------------------------------

_PART = re.compile(
    rf"(?:[,;(.\n]|\s[-\u2013]\s)(?!{_ALONE})|\b(?:\w+ly |\w+ed )?(?:due|secondary|related) to\b"
)
"""Where a text goes on to something else, as the cause of what it names."""


@lru_cache(maxsize=512)
def names_of(key: str) -> re.Pattern[str]:
    """The words by which a text names a concept; none for an empty key, or one without words."""
    words = SHIPPED.sets[key].text if key else ()
    return re.compile("|".join(map(re.escape, words)) if words else r"(?!)")


def doubt_in(text: str, names: re.Pattern[str]) -> tuple[str, ...]:
    """The flag of what a text only supposes, as "possible seizure"; none: it states it.

    `names`: words that name it; the doubt counts in the parts that have one, else in the first.
    """
    parts = [part for clause in stated_in(text) for part in _PART.split(clause.now)]
    naming = [part for part in parts if names.search(part)] or parts[:1]
    is_supposed = bool(naming) and all(_DOUBT.search(part) for part in naming)
    return (Remark.UNCONFIRMED,) if is_supposed else ()


# --- what resolved -------------------------------------------------------------------------------

_RESOLVED = re.compile(r"\bresolved\b|\bresolution of\b")
_NOT_RESOLVED = re.compile(
    r"\b(?:not|never|no|incomplete(?:ly)?|partial(?:ly)?"
    r"|near(?:ly)?|almost|mostly) (?:\w+ )?resol"
)
_ALL_RESOLVED = re.compile(
    r"^(?:(?:it|this|these|both|all|now|has|have|since|fully) )*resolved\W*$"
)


def is_resolved(text: str) -> bool:
    """Whether a text says of what it names that it resolved."""
    lowered = text.lower()
    return bool(_RESOLVED.search(lowered)) and not _NOT_RESOLVED.search(lowered)


def is_gone(text: str, names: re.Pattern[str]) -> bool:
    """Whether a text says of what `names` name that it resolved, and not only of something else."""
    clauses = list(clauses_of(text))
    naming = [each for each in clauses if names.search(each)]
    if not naming or any(map(_ALL_RESOLVED.search, clauses)):
        return is_resolved(text)
    return all(map(is_resolved, naming))


# --- values --------------------------------------------------------------------------------------


def answer_of(part: Part) -> Said | None:
    """What a yes or no says, or a code that stands for one; None: the value is neither."""
    boolean = part.value.value_boolean
    if boolean is not None:
        return Said.PRESENT if boolean else Said.ABSENT
    coded = {_SAID[pair] for pair in part.answers() if pair in _SAID}
    if not coded:
        return None
    return next(said for said in (Said.ABSENT, Said.PRESENT, Said.NOT_TOLD) if said in coded)


def said_without_words(part: Part) -> Said | None:
    """What a yes, no, code, number or nothing at all says; None: words are to be read.

    No value states the finding that the code names, a number of 0 denies it. A dash tells nothing.
    """
    answer = answer_of(part)
    if answer is not None:
        return answer
    quantity = part.quantity()
    if quantity is not None and quantity.value == 0:
        return Said.ABSENT
    if any(clauses_of(part.words())):
        return None
    return Said.NOT_TOLD if part.words().strip() or is_untold(part) else Said.PRESENT


def said_of(
    part: Part, names: re.Pattern[str], said_in: Callable[[str], Said] = said_in_clause
) -> Said:
    """What the value of a finding says: no value at all states the finding that the code names.

    `names`: words by which a later clause states it after all.
    """
    answer = said_without_words(part)
    if answer is not None:
        return answer
    clauses = list(clauses_of(part.words()))
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
