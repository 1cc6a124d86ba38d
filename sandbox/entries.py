"""Chart entry: what a nurse fills in becomes the resources that this EHR writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sandbox.catalog import CATALOG, CatalogError, Resource
from sandbox.chart import Chart
from sandbox.medicines import order
from sandbox.story import COLUMNS, Ehr, Entry, Expect, IceShape, Scale, Story, Style
from sandbox.timeline import WRITERS

_SECTIONS: Final = ("vitals", "neuro", "given")
_WHOLE: Final = ("ICE", "CAPD", "HR", "SpO2", "FiO2", "MAP", "RASS", "eye")
_ITEMS: Final[Mapping[str, str]] = CATALOG["ice"]["items"]
_ORDERS: Final = frozenset({"MedicationRequest", "ServiceRequest"})
_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_FURTHEST_H: Final = 24 * 400


class EntryError(ValueError):
    """What was filled in cannot be charted; the message says why."""


def chart_entry(patient_id: str, form: Mapping[str, Any], now: datetime) -> list[Resource]:
    """The resources of one entry, without ids.

    `form` has `section`, `fields` as the columns of `patients/README.md`, `at` (RFC 3339 with an
    offset; left out: now), and `scale`, the unit of a temperature (left out: `Cel`). Raises
    `EntryError`.
    """
    section = form.get("section")
    if section not in _SECTIONS:
        raise EntryError("an entry is of vitals, neuro or given")
    fields = _fields(section, form.get("fields"))
    hours = _hours(form.get("at"), now)
    lasting = section == "given" and "rate" in fields
    chart = Chart(_anyone(patient_id, _scale(form.get("scale", Scale.CELSIUS))), now)
    try:
        WRITERS[section](chart, Entry(section, hours, None, lasting, fields))
    except CatalogError as error:
        raise EntryError(str(error)) from error
    except (ValueError, KeyError, StopIteration) as error:
        raise EntryError(f"{', '.join(fields)}: not as a chart writes it") from error
    if not chart.resources:
        raise EntryError("nothing was filled in")
    return [_without_id(each) for each in chart.resources]


def ice_form(
    patient_id: str, form: Mapping[str, Any], questionnaire: str, now: datetime
) -> list[Resource]:
    """The ICE test as its QuestionnaireResponse and as an Observation with five components.

    `form` has `answers`: 0 or 1 for each of the ten items by linkId; and `at` as above.
    Both say the same: a server that cannot search forms still has the score. Raises `EntryError`.
    """
    answers = form.get("answers")
    if not isinstance(answers, Mapping) or set(answers) != set(_ITEMS.values()):
        given = len(answers) if isinstance(answers, Mapping) else 0
        raise EntryError(f"the ICE test has ten items; {given} were answered")
    if not all(value in {0, 1} for value in answers.values()):
        raise EntryError("each item of the ICE test is 0 or 1")
    lost = [name for name, link in _ITEMS.items() if answers[link] == 0]
    fields = {"ICE": len(_ITEMS) - len(lost), "lost": " ".join(lost)}
    told = {"section": "neuro", "fields": fields, "at": form.get("at")}
    (observed,) = chart_entry(patient_id, told, now)
    answered = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": questionnaire,
        "status": "completed",
        "subject": {"reference": f"Patient/{patient_id}"},
        "authored": observed["effectiveDateTime"],
        "item": _grouped(answers),
    }
    return [answered, observed]


def draft_order(patient_id: str, draft_id: str, fields: Mapping[str, Any]) -> Resource:
    """A draft of what the order pad offers (`drug` or `test`, as `patients/README.md` says)."""
    try:
        written = order(Ehr.PLAIN, fields)
    except (CatalogError, KeyError) as error:
        raise EntryError(str(error)) from error
    return {
        "resourceType": written.resource_type,
        "id": draft_id,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient_id}"},
        **written.elements,
    }


def signed_order(patient_id: str, draft: Any, now: datetime, user: str) -> Resource:
    """The draft as an active order, without its id; raises `EntryError` for another patient's."""
    if not isinstance(draft, dict) or draft.get("resourceType") not in _ORDERS:
        raise EntryError("only drugs and tests can be signed here")
    if draft.get("subject") != {"reference": f"Patient/{patient_id}"}:
        raise EntryError("the draft is of another patient")
    when = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    about = {"status": "active", "intent": "order", "authoredOn": when}
    return _without_id(draft) | about | {"requester": {"reference": user}}


def changed_order(patient_id: str, change: Resource, charted: Resource) -> Resource:
    """An order of the chart as it is to be from now on; raises `EntryError` for another patient's.

    `charted`: the order as it is now.
    """
    if {_subject(change), _subject(charted)} != {f"Patient/{patient_id}"}:
        raise EntryError("the order is of another patient")
    return change


def order_path(order: Any) -> str:
    """`Type/id` of an order that is on the chart; raises `EntryError` where it is none."""
    if not isinstance(order, dict) or order.get("resourceType") not in _ORDERS:
        raise EntryError("only drugs and tests can be changed here")
    if not _ID.fullmatch(str(order.get("id", ""))):
        raise EntryError("what is changed has no id of the chart")
    return f"{order['resourceType']}/{order['id']}"


def _subject(order: Resource) -> str:
    """Whom an order is for, without the address of a server."""
    subject = order.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return "/".join(str(reference).split("/")[-2:])


def stopped(patient_id: str, given: Resource, at: Any, now: datetime) -> Resource:
    """A running infusion, ended at an instant (None: now); raises `EntryError` where it cannot."""
    period = given.get("effectivePeriod", {})
    if given.get("subject") != {"reference": f"Patient/{patient_id}"}:
        raise EntryError("the infusion is of another patient")
    if given.get("status") != "in-progress" or "end" in period:
        raise EntryError("the infusion is not running")
    end = now.replace(second=0, microsecond=0) + timedelta(hours=float(_hours(at, now)))
    if end < instant(period.get("start")):
        raise EntryError("it cannot end before it began")
    text = end.isoformat(timespec="seconds").replace("+00:00", "Z")
    return given | {"status": "completed", "effectivePeriod": period | {"end": text}}


def instant(text: Any) -> datetime:
    """An RFC 3339 instant with an offset; raises `EntryError`."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise EntryError(f"{text!r} is no time") from error
    if found.tzinfo is None:
        raise EntryError(f"{text!r} has no offset")
    return found


def _hours(at: Any, now: datetime) -> Decimal:
    """Hours from now, which are not after it."""
    if at is None:
        return Decimal(0)
    seconds = Decimal(int((instant(at) - now.replace(second=0, microsecond=0)).total_seconds()))
    hours = seconds / 3600
    if not -_FURTHEST_H <= hours <= 0:
        raise EntryError("the time must lie in the past, within 400 days")
    return hours


def _fields(section: str, fields: Any) -> dict[str, Any]:
    if not isinstance(fields, Mapping) or not fields:
        raise EntryError("nothing was filled in")
    if unknown := set(fields) - set(COLUMNS[section]):
        raise EntryError(f"{section} has no {', '.join(sorted(unknown))}")
    return {name: _read(name, value) for name, value in fields.items()}


def _read(name: str, value: Any) -> Any:
    """Text as it is; a number as a Decimal, or whole where the column is."""
    if isinstance(value, str):
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise EntryError(f"{name}: {value!r} is no number") from error
    return int(number) if name in _WHOLE else number


def _grouped(answers: Mapping[str, int]) -> list[Resource]:
    """Items in the form's order; those of a group inside of it."""
    found: list[Resource] = []
    for group in CATALOG["ice"]["groups"]:
        links = [link for link in _ITEMS.values() if link.startswith(group)]
        items = [{"linkId": link, "answer": [{"valueInteger": answers[link]}]} for link in links]
        found += items if links == [group] else [{"linkId": group, "item": items}]
    return found


def _scale(text: Any) -> Scale:
    try:
        return Scale(text)
    except ValueError as error:
        raise EntryError("a temperature is in Cel or [degF]") from error


def _anyone(patient_id: str, scale: Scale) -> Story:
    """A story without a plot: charting needs only the id and the style."""
    style = Style(ice=IceShape.COMPONENTS, temperature=scale)
    return Story(patient_id, "", "", 0, "unknown", style, Expect(None, None), (), ())


def _without_id(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "id"}
