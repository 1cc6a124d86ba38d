"""Brings a patient-view answer into the words of a scenario's `[expect]`, one reader per word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.fhir_codes import Resource

ASSESSMENT = "org.cart-toxicity-cds.assessment"
_RANK = ("info", "warning", "critical")
_SYNDROMES = ("crs", "icans")
_TESTS = {
    "24587-8": "mri-brain",
    "24590-2": "mri-brain",
    "816077007": "mri-brain",
    "11523-8": "eeg",
    "54550000": "eeg",
    "277762005": "lumbar-puncture",
    "2276-4": "ferritin",
    "3255-7": "fibrinogen",
    "2571-8": "triglycerides",
    "2532-0": "ldh",
    "24323-8": "metabolic-panel",
    "57021-8": "cbc",
}


def assessment(answer: Resource) -> Resource:
    """The machine-readable assessment of an answer."""
    found: Resource = answer["extension"][ASSESSMENT]
    return found


def observed(answer: Resource, expect: Mapping[str, Any]) -> dict[str, Any]:
    """What the answer says of each expected word; equal to `expect` where it is as expected."""
    return {word: _READERS[word](answer, wanted) for word, wanted in expect.items()}


def spoken(answer: Resource) -> str:
    """Every sentence on the cards, in lower case and without Markdown escapes."""
    said = [f"{c['summary']}\n{c.get('detail', '')}" for c in answer["cards"]]
    said += [s["label"] for c in answer["cards"] for s in c.get("suggestions", ())]
    return "\n".join(said).lower().replace("\\", "")


def drafts(answer: Resource) -> list[str]:
    """Every suggested order as text: "dexamethasone 10 mg q6h", "mri-brain"."""
    suggestions = [s for card in answer["cards"] for s in card.get("suggestions", ())]
    return [_order(act["resource"]) for s in suggestions for act in s["actions"]]


def _order(resource: Resource) -> str:
    if resource["resourceType"] == "ServiceRequest":
        codes = [coding["code"] for coding in resource["code"].get("coding", ())]
        named = [_TESTS[code] for code in codes if code in _TESTS]
        return named[0] if named else str(resource["code"].get("text"))
    drug = _drug(resource["medicationCodeableConcept"])
    dosage = next(iter(resource.get("dosageInstruction", ())), {})
    return " ".join([drug, *_dose(dosage), *_interval(dosage.get("timing", {}).get("repeat", {}))])


def _drug(concept: Resource) -> str:
    words = concept.get("text") or concept["coding"][0]["display"]
    return str(words).lower().split()[0].strip(",")


def _dose(dosage: Resource) -> list[str]:
    rate = next(iter(dosage.get("doseAndRate", ())), {})
    if "doseRange" in rate:
        low, high = rate["doseRange"]["low"], rate["doseRange"]["high"]
        return [f"{low['value']:g}-{high['value']:g} {high['unit']}"]
    amount = rate.get("doseQuantity")
    return [] if amount is None else [f"{amount['value']:g} {amount['unit']}"]


def _interval(repeat: Resource) -> list[str]:
    if "period" not in repeat:
        return []
    hours = {"h": 1, "d": 24}[repeat["periodUnit"]]
    return [f"q{repeat['period'] * hours / repeat.get('frequency', 1):g}h"]


def _range(syndrome: str) -> Callable[[Resource, Any], Any]:
    def read(answer: Resource, wanted: Any) -> Any:
        found = assessment(answer)[syndrome]
        bounds = [found.get("lo"), found.get("hi")]
        return bounds if isinstance(wanted, list) else _exact(bounds)

    return read


def _exact(bounds: list[Any]) -> Any:
    return bounds[0] if bounds[0] == bounds[1] else bounds


def _member(syndrome: str, name: str) -> Callable[[Resource, Any], Any]:
    return lambda answer, _: assessment(answer)[syndrome].get(name)


def _all_missing(syndrome: str) -> Callable[[Resource, Any], Any]:
    def read(answer: Resource, wanted: Sequence[str]) -> Any:
        found = assessment(answer)[syndrome].get("missing", [])
        return wanted if sorted(found) == sorted(wanted) else found

    return read


def _either(answer: Resource, name: str) -> set[str]:
    found = assessment(answer)
    return {item for syndrome in _SYNDROMES for item in found[syndrome].get(name, ())}


def _holds(name: str) -> Callable[[Resource, Any], Any]:
    return lambda answer, wanted: [item for item in wanted if item in _either(answer, name)]


def _lacks(name: str) -> Callable[[Resource, Any], Any]:
    return lambda answer, wanted: [item for item in wanted if item not in _either(answer, name)]


def _drafted(answer: Resource, wanted: Sequence[str]) -> list[str]:
    made = drafts(answer)
    return wanted if all(_any_begins(made, w) for w in wanted) else made  # type: ignore[return-value]


def _not_drafted(answer: Resource, wanted: Sequence[str]) -> list[str]:
    made = drafts(answer)
    return wanted if not any(_any_begins(made, w) for w in wanted) else made  # type: ignore[return-value]


def _any_begins(made: Sequence[str], wanted: str) -> bool:
    return any(draft == wanted or draft.startswith(f"{wanted} ") for draft in made)


def _says(answer: Resource, wanted: Sequence[str]) -> list[str]:
    return [text for text in wanted if text.lower() in spoken(answer)]


def _never_says(answer: Resource, wanted: Sequence[str]) -> list[str]:
    return [text for text in wanted if text.lower() not in spoken(answer)]


def _indicator(syndrome: str) -> Callable[[Resource, Any], Any]:
    def read(answer: Resource, _: Any) -> Any:
        named = [c for c in answer["cards"] if syndrome.upper() in c["summary"]]
        shown = [_RANK.index(card["indicator"]) for card in named]
        return _RANK[max(shown)] if shown else None

    return read


def _overlap_indicator(answer: Resource, _: Any) -> str:
    found = [c for c in answer["cards"] if c["source"]["topic"]["code"] == "IECHSOverlap"]
    return str(found[0]["indicator"]) if found else "none"


def _infusion(name: str) -> Callable[[Resource, Any], Any]:
    return lambda answer, _: assessment(answer).get("infusion", {}).get(name, "none")


def _graded(answer: Resource, _: Any) -> bool:
    found = assessment(answer)
    return "infusion" in found or any("lo" in found[syndrome] for syndrome in _SYNDROMES)


_READERS: Mapping[str, Callable[[Resource, Any], Any]] = {
    "crs": _range("crs"),
    "icans": _range("icans"),
    "crs_state": _member("crs", "state"),
    "icans_state": _member("icans", "state"),
    "crs_missing": _all_missing("crs"),
    "icans_missing": _all_missing("icans"),
    "missing": _holds("missing"),
    "not_missing": _lacks("missing"),
    "stale": _holds("stale"),
    "not_stale": _lacks("stale"),
    "rules": _holds("rules"),
    "no_rules": _lacks("rules"),
    "drafts": _drafted,
    "no_drafts": _not_drafted,
    "says": _says,
    "never_says": _never_says,
    "crs_indicator": _indicator("crs"),
    "icans_indicator": _indicator("icans"),
    "iec_hs": lambda answer, _: assessment(answer)["iecHs"]["possible"],
    "iec_hs_missing": lambda answer, _: assessment(answer)["iecHs"].get("missing", []),
    "iec_hs_indicator": _overlap_indicator,
    "cards": lambda answer, _: len(answer["cards"]),
    "product": _infusion("product"),
    "day": _infusion("day"),
    "t0": _infusion("time"),
    "graded": _graded,
}
