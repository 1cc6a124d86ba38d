"""What an EHR does with a prefetch template: search its resources, sort, page, and send Bundles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from tests.fhir_basics import NOW, PATIENT_ID
from tests.fhir_codes import Resource

BASE = "http://ehr.example.org/fhir"
OFFSET = "_offset"
_DATES = {
    "Observation": ("effectiveDateTime", "effectiveInstant", "effectivePeriod"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "MedicationRequest": ("authoredOn",),
    "ServiceRequest": ("authoredOn",),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "QuestionnaireResponse": ("authored",),
    "Condition": ("recordedDate",),
}
_DATE_PARAMETERS = {"date", "effective-time", "authored", "authoredon", "recorded-date"}


class Answer(NamedTuple):
    """One page of a search: its resources, all that matched, and where the next page begins."""

    page: list[Resource]
    total: int
    next_offset: int | None


def search(
    resources: Sequence[Resource], resource_type: str, query: str, most: int = 200
) -> Answer:
    """A page of the resources that match, in the order asked for, at most `most` of them."""
    wanted = parse_qsl(query, keep_blank_values=True)
    found = [r for r in resources if _matches(r, resource_type, wanted)]
    controls = dict(wanted)
    if "_sort" in controls:
        found.sort(key=_first_instant, reverse=controls["_sort"].startswith("-"))
    offset = int(controls.get(OFFSET, 0))
    count = min(int(controls.get("_count", most)), most)
    end = offset + count
    return Answer(found[offset:end], len(found), end if end < len(found) else None)


def bundle(answer: Answer, resource_type: str, query: str, base: str = BASE) -> Resource:
    """The searchset of a page, with its self link and, where there is more, its next link."""
    url = f"{base}/{resource_type}?{query}"
    links = [{"relation": "self", "url": url}]
    if answer.next_offset is not None:
        rest = [(k, v) for k, v in parse_qsl(query) if k != OFFSET]
        later = urlencode([*rest, (OFFSET, str(answer.next_offset))])
        links.append({"relation": "next", "url": f"{base}/{resource_type}?{later}"})
    entries = [
        {"fullUrl": f"{base}/{r['resourceType']}/{r.get('id')}", "resource": r} for r in answer.page
    ]
    answered = {"resourceType": "Bundle", "type": "searchset", "total": answer.total, "link": links}
    return answered | ({"entry": entries} if entries else {})


def prefetch_for(
    resources: Sequence[Resource],
    now: datetime = NOW,
    templates: Mapping[str, str] | None = None,
) -> dict[str, Resource | None]:
    """The value of every prefetch key as a client would fill its template for Patient A.

    Without `templates` the service's own are taken. A read that finds nothing is null, a search
    that finds nothing an empty Bundle.
    """
    chosen = advertised() if templates is None else templates
    return {key: _value(resources, _filled_in(text, now)) for key, text in chosen.items()}


def advertised() -> dict[str, str]:
    """The templates of the eleven prefetch keys, in advertised order."""
    from fhir_mappings.keys import KEYS  # noqa: PLC0415 - only here does a builder need the product

    return {name: key.template() for name, key in KEYS.items()}


def _filled_in(template: str, now: datetime) -> str:
    text = template.replace("{{context.patientId}}", PATIENT_ID)
    while "{{today() - " in text:
        head, _, tail = text.partition("{{today() - ")
        days, _, rest = tail.partition(" days}}")
        text = f"{head}{(now - timedelta(days=int(days))).date().isoformat()}{rest}"
    return text


def _value(resources: Sequence[Resource], query: str) -> Resource | None:
    path, has_query, parameters = query.partition("?")
    if has_query:
        return bundle(search(resources, path, parameters), path, parameters)
    resource_type, _, wanted = path.partition("/")
    return read(resources, resource_type, wanted)


def read(resources: Sequence[Resource], resource_type: str, wanted: str) -> Resource | None:
    """The resource of a type and id, or None."""
    named = (r for r in resources if r["resourceType"] == resource_type and r.get("id") == wanted)
    return next(named, None)


def _matches(resource: Resource, resource_type: str, wanted: Sequence[tuple[str, str]]) -> bool:
    return resource["resourceType"] == resource_type and all(
        _meets(resource, name, value) for name, value in wanted
    )


def _meets(resource: Resource, name: str, value: str) -> bool:
    if name in _DATE_PARAMETERS:
        return _dated(resource, value)
    if name not in _TOKENS:
        return True
    return bool(_TOKENS[name](resource) & set(value.split(",")))


def _tokens(concept: Resource) -> set[str]:
    codings = concept.get("coding", ())
    bare = {str(c.get("code")) for c in codings}
    return bare | {f"{c.get('system')}|{c.get('code')}" for c in codings}


def _codes(resource: Resource) -> set[str]:
    return _tokens(resource.get("code") or resource.get("medicationCodeableConcept") or {})


def _categories(resource: Resource) -> set[str]:
    return {token for concept in resource.get("category", ()) for token in _tokens(concept)}


def _subjects(resource: Resource) -> set[str]:
    reference = str(resource.get("subject", {}).get("reference"))
    return {reference, reference.rpartition("/")[2]}


_TOKENS: Mapping[str, Callable[[Resource], set[str]]] = {
    "patient": _subjects,
    "code": _codes,
    "category": _categories,
    "status": lambda resource: {str(resource.get("status"))},
    "_id": lambda resource: {str(resource.get("id"))},
}


def _first_instant(resource: Resource) -> datetime:
    names = _DATES.get(resource["resourceType"], ())
    written = next((resource[name] for name in names if name in resource), None)
    if isinstance(written, dict):
        written = written.get("start") or written.get("end")
    return datetime.min.replace(tzinfo=UTC) if written is None else _instant(written)


def _instant(text: str) -> datetime:
    padded = text + "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else text
    value = datetime.fromisoformat(padded)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _dated(resource: Resource, value: str) -> bool:
    written, bound = _first_instant(resource), _instant(value[2:])
    return {"ge": written >= bound, "le": written <= bound}[value[:2]]
