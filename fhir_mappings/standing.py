"""Of whom and of when a clause speaks: this patient now, once before, or neither (READ-15).

A denial is another matter (`denial`). What is cut here is only the words that a marker reaches:
"diffuse edema with risk of herniation" is of an edema, and of no herniation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.codes import SHIPPED
from fhir_mappings.long_ago import end_of_old, is_perhaps_old


class Spoken(NamedTuple):
    """One clause by what its words are about.

    `now`: of this patient and of now; a question mark stands in what may be of old too. `history`:
    what once was. `old`: what is there since long. What is of another person, a risk or a plan is
    in none.
    """

    now: str
    history: str = ""
    old: str = ""

    @property
    def says_now(self) -> bool:
        """Whether any word is left that is of this patient and of now."""
        return _MARK.search(self.now) is not None


_WORD = re.compile(r"\w")
_MARK = re.compile(r"[\w+?]")

# --- another person, a risk, a plan --------------------------------------------------------------

_KIN = (
    r"(?:mother|father|mom|dad|parents?|brother|sister|siblings?|aunt|uncle|cousin|nephew|niece"
    r"|grand(?:mother|father|parents?)|relatives?|twin)"
)
_FAMILY = (
    r"(?:family|maternal|paternal) (?:history|hx)\b|\bfhx?\b|\bfamhx\b"
    rf"|\b{_KIN}(?:'s)?(?: (?:side|is|was))?(?:: ?|"
    r" with\b(?! (?:(?:the )?(?:patient|pt)\b|(?:him |her )?(?:when|during)\b))| had\b| hx\b"
    r"| history\b| died\b"
    r"| has\b(?! (?:seen|noticed|noted|witnessed|reported|observed|filmed|a? ?videos?)\b))"
)
_NOT_SO = (
    r"\b(?:no|without|denies|negative) (?:\w+ ){0,2}(?:history|hx)\b"
    r"|\b(?:no|without) (?:\w+ ){0,2}(?:evidence|signs?|suggestion|indication)\b"
    r"|\b(?:shows?|showed|shown|reveal\w*|demonstrat\w*|there (?:is|was|are)|has|had|having|today"
    r"|overnight|currently|now):? no\b"
    r"(?! (?:longer|change|better|improv|resol|recover|interval|significant|known))"
    r"|\bden(?:ies|y|ied)\b|\bnegative for\b|\bunrelated to\b"
    r"|\bnot (?:\w+ly )?(?:associated|consistent|compatible|c/w) with\b|\bnot (?:due|related) to\b"
    r"|\bnot (?:suggesti\w+ of|concerning for|explained by)\b|\binconsistent with\b"
)
_RISK = (
    r"\brisks? (?:factors? )?(?:of|for)\b(?! \d)|\bpotential(?:ly)? for\b"
    r"|\bpredispos\w+ (?:to|for)\b|\bsuscept\w+ to\b|\b(?:in case of|in the event of)\b"
    r"|\b(?<!unclear )(?<!unsure )(?<!uncertain )(?<!not sure )(?<!not clear )if\b"
    r"(?: (?:(?:the )?patient|pt|he|she|they) had\b)?"
    r"|\b(?<!given )(?<!administered )prn\b"
    r"(?! (?:home )?(?:o2|oxygen)\b|.{0,60}(?<!be )(?<!if )(?<!not )(?<!none )\bgiven\b)"
)
_PLAN = (
    r"\b(?:monitor|watch|observ|screen|surveill|evaluat|assess|check)\w* (?:\w+ )?for\b(?! \d)"
    r"|(?<!not )(?<!n't )(?<!unable to )\brule[- ]out\b|(?<!\w)r/o\b"
    r"|\b(?:prophyla\w*|ppx)\b(?: (?:is |was )?given\b)?|\bprevent\w*|\bprecautions?(?: for\b|:)"
    r"|\bindication\b|\breason for (?:exam|study|test)\b|\bclinical question\b"
    r"|\beducat\w+ (?:on|about|regarding)\b"
    r"|(?:^|\b(?:on|takes|taking|continues?) )(?:keppra|levetiracetam|lacosamide|valproate"
    r"|phenytoin|aeds?|(?:home )?med\w*)"
    r"(?: (?!given|load|bolus|increase|start|restart|added)\w+){0,3} for\b"
)
_OF_KIN = re.compile(_FAMILY)
"""Words after which a clause is of another person, up to `_AGAIN`."""
_AWAY = re.compile(rf"{_NOT_SO}|{_RISK}|{_PLAN}")
"""Words after which a clause is not of a finding of this patient, up to `_DONE`."""
_PLANNED = re.compile(rf"{_RISK}|{_PLAN}")
_AGAIN = re.compile(
    r"\)|:(?!\d)|\b(?:but|after|following|now|today|tonight|overnight|due to|because|secondary to"
    r"|despite|then|developed|presents?|presenting|positive for|breakthrough|recurren\w+"
    r"|(?:with|and) (?:new|acute|current|witnessed|worsening))\b"
)
_OWN_WORD = r"(?:new|acute|worsening|witnessed|diffuse|focal|left|right|bilateral)\b"
_DONE = re.compile(
    rf"{_AGAIN.pattern}|\b(?:had|before|preceding|(?<!be )(?<!not )(?:given|administered) for)\b"
    rf"|(?:\s[-\u2013]|\b(?:from|given)) (?={_OWN_WORD})"
)
"""Where a plan, a risk or a denial ends: at what was done or happened, or has a word of its own."""
_SOUGHT = re.compile(
    r"\b(?P<seen>(?:evaluated|assessed) for\b(?= (?:new|acute|worsening|witnessed)\b))"
    r"|\b(?:evaluat|assess)\w* (?:\w+ )?for\b"
    r"(?= (?:(?:new|acute|worsening) )?(?:diffuse|left|right|bilateral)\b)"
    r"|\bmonitoring for\b(?= (?:diffuse|left|right|bilateral|(?:[\w()-]+ ){1,5}grade [1-4])\b)"
)
"""What somebody looks for who has it: plainly where it was seen, else perhaps."""
_NAMED = "|".join(
    re.escape(word)
    for key, each in SHIPPED.sets.items()
    if key.startswith("cond.")
    for word in each.text
)
_NAMES = re.compile(_NAMED)
_COMPOUND = re.compile(
    rf"(?<!\w)(?:{_NAMED})\w*(?: (?:syndrome|activity|disorder))?(?: \([\w ]+\))?[ -]"
    r"(?:risks?\b(?! (?:of|for)\b(?! \d))|(?:precautions?|prophyla\w*|ppx|surveillance"
    r"|monitoring(?! and (?:treatment|management)\b)"
    r"|watch|screen(?:ing)?|education|teaching"
    r"|protocol(?! (?:was |has been )?(?:initiated|started|activated)\b)"
    r"|pathway|threshold|potential|tendency|prevention|pads?"
    r"|charts?|log|medications?|medicines?|meds?)\b)"
)
"""A noun of what is done against a finding, with the words that name it: "seizure precautions"."""
_IN_KIN = re.compile(rf"^.*\bin (?:his |her |the |a |their )?{_KIN}\b(?!'s (?!family|side))")
_NO_FIT = re.compile(r"non-? ?epileptic|pseudo-? ?seizure|psychogenic|\bpnes\b|functional seizure")
_FITS = r"\b(?:seizures?|convulsi\w+|status epilepticus|spells?|events?|episodes?)\b"
_FIT = re.compile(
    rf"(?:{_NO_FIT.pattern})(?:\W{{1,3}}{_FITS})?|(?<!electrographic )(?<!\bepileptic ){_FITS}"
)
_KNOWN_NO_FIT = re.compile(
    rf"\b(?:(?:in|a|patient|pt|with|known|history of|hx of) ){{0,5}}known"
    rf" (?:{_NO_FIT.pattern})\b(?:\W{{1,3}}{_FITS})?"
)
"""A patient who has other fits too, which the fit of now may be one of."""

# --- what was ------------------------------------------------------------------------------------

_AGE = re.compile(r"\b\d{1,3}[- ]?(?:years?|yrs?|y|months?|mos?|days?|weeks?)[- ]?old\b")
_HISTORY = re.compile(
    r"(?:\b(?:past|personal|previous|prior|remote|known|medical) +){0,3}\b(?:history|hx)\b"
    r"(?: of\b)?|(?<!\w)h/o\b|\bpmhx?\b|\bpast medical\b"
)
"""After it everything is of old, up to `_AGAIN`; with nothing after it, what stands before it."""
_NO_HISTORY = re.compile(
    r"\b(?:unclear|unknown|limited|complex|complicated|extensive|unobtainable) (?:\w+ ){0,2}"
    r"(?:history|hx)\b(?! of)"
)
_OF_CANCER = re.compile(
    r"(?:\b(?:history|hx)(?: of)?|(?<!\w)h/o) (?:[\w/-]+ ){0,3}"
    r"(?:dlbcl|lymphoma|leuka?emia|myeloma|b-?all|cll|mcl)"
    r"(?= (?:with\b(?! (?:new|acute|current|witnessed|worsening)\b)|who\b|had\b|complicated by\b))"
)
"""The disease that CAR-T is for; what comes with it may be of now."""
_FITS_ONCE = re.compile(r"\b(?:seizures?|convulsions?) (?:history|hx)\b")
_OLD = re.compile(
    r"\b(?:old|remote|chronic|congenital|long-?standing|pre-?existing|childhood|infantile|lifelong"
    r"|premorbid|former|(?:baseline|previous|prior|past)"
    r"(?! (?:to\b|\d|few|several|hours?|days?|night|shift|evening|weeks?)))\b"
    r"(?= \w)(?! (?:myel|lymph|leuk))"
    r"(?! (?:head |brain )?(?:ct|mri|eeg|imag|scan|stud|exam|note|record))"
)
"""What is old of a noun: it reaches to the next `_NEXT`."""
_STROKE = re.compile(
    r"\b(?:strokes?|cva|infarct\w*|tia)\b"
    r"(?=(?:(?!\b(?:now|present\w*|admitted|developed)\b).){0,200}"
    r" with\b(?! (?:new|acute|superimposed)\b)[^,]{0,60}(?:paresis|plegia|palsy|weakness|deficit))"
)
"""An old stroke that left what is charted with it."""
_NEXT = re.compile(r"[,()]|\b(?:with|due to|in|on|after|following|now|while|during)\b")
_JOINED = re.compile(r"\b(?:and|or)\b")
_OWN = re.compile(r"(?:and|or) (?:diffuse|focal|acute|severe|moderate|mild|new)\b")
"""That what is joined to something old has an adjective of its own."""
_AFRESH = re.compile(
    r"\bworse\w*|\bprogress(?:ing|ion|ive)\b|\b(?:acute|new) on\b"
    r"|\b(?:previous|prior)\b.{1,80}\b(?:unchanged|persist\w*|still|again|remains?|(?:in|de)creas\w*"
    r"|improv\w*)\b"
)
"""That what is old got worse, or is what an earlier image had shown."""
_NOW_WITH = re.compile(
    r"\b(?:but|now|today|tonight|presents?|presenting|admitted|developed|with (?:new|acute))\b"
)


@lru_cache(maxsize=4096)
def spoken_in(clause: str) -> Spoken:
    """What a clause (lower case) says of now and of before."""
    text = _COMPOUND.sub(" ", _AGE.sub(" ", clause))
    text = _cut(_without_no_fits(text), _OF_KIN, _AGAIN)[0]
    text = _NO_HISTORY.sub(" ", _OF_CANCER.sub(" ? ", text))
    text = _SOUGHT.sub(lambda mark: " " if mark["seen"] else " ? ", text)
    text = _cut(text, _AWAY, _DONE)[0]
    text = _IN_KIN.sub(" ", text)
    if _FITS_ONCE.search(text):
        return Spoken("", text)
    text, history = _cut(text, _HISTORY, _AGAIN)
    if history and not _WORD.search(history):
        return Spoken("", text)
    long = end_of_old(text)
    if long is not None:
        again = _NOW_WITH.search(text, long)
        start = again.start() if again and _NAMES.search(text, again.end()) else len(text)
        return Spoken(text[start:], history, text[:start])
    doubt = " ?" if is_perhaps_old(text) else ""
    text, old = _without_old(text)
    return Spoken(text + doubt, history, old)


def is_planned(clause: str) -> bool:
    """Whether a clause (lower case) is of a risk or a plan, of whomever."""
    return bool(_COMPOUND.search(clause) or _PLANNED.search(clause))


def _without_no_fits(text: str) -> str:
    """The text without fits that are no seizures; a known tendency to them leaves a doubt."""
    text = _KNOWN_NO_FIT.sub(" ? ", text)
    return _FIT.sub(" ", text) if _NO_FIT.search(text) else text


def _cut(text: str, marks: re.Pattern[str], ends: re.Pattern[str]) -> tuple[str, str]:
    """The text without each mark and what it reaches, and what it reaches; empty: no mark."""
    kept, cut, start = "", "", 0
    for mark in marks.finditer(text):
        if mark.start() >= start:
            after = len(text) - len(text[mark.end() :].lstrip(" :-"))
            again = ends.search(text, after)
            end = again.start() if again else len(text)
            kept, cut = f"{kept}{text[start : mark.start()]} ", f"{cut}{text[mark.end() : end]} "
            start = end
    return kept + text[start:], cut


def _without_old(text: str) -> tuple[str, str]:
    """The text without what an adjective calls old, and that; in doubt where it got worse."""
    mark = _OLD.search(text)
    if mark is None:
        return text, ""
    after = _NEXT.search(text, mark.end())
    end = len(text) if after is None or _STROKE.search(text, mark.end()) else after.start()
    if _AFRESH.search(text) and _NAMES.search(text, mark.end(), end):
        return f"{text[: mark.start()]}? {text[mark.start() :]}", ""
    joined = _JOINED.search(text, mark.end(), end)
    if joined is not None:
        doubt = "" if _OWN.match(text, joined.start()) else " ?"
        rest = f"{text[: mark.start()]}{text[joined.start() :]}{doubt}"
        return rest, text[mark.start() : joined.start()]
    return text[: mark.start()] + text[end:], text[mark.start() : end]
