"""The eleven prefetch keys: what is read, how it is asked for, how far back it can speak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from fhir_mappings.codes import SHIPPED, system_url
from fhir_mappings.site_codes import SiteCodes
from grading.model import ALWAYS, DAY, Instant

_TOKEN = "{{context.patientId}}"  # noqa: S105 - a CDS Hooks prefetch token
_CODES_A_SEARCH = 40
_PATIENT = "patient"
Pair = tuple[str, str]

LABS = {
    "ferritin": "lab.ferritin",
    "fibrinogen": "lab.fibrinogen",
    "alt": "lab.alt",
    "ast": "lab.ast",
    "ldh": "lab.ldh",
    "triglycerides": "lab.triglycerides",
    "crp": "lab.crp",
    "anc": "lab.anc",
    "platelets": "lab.platelets",
    "hemoglobin": "lab.hemoglobin",
    "bilirubin": "lab.bilirubin_total",
    "pt": "lab.pt",
    "aptt": "lab.aptt",
    "creatinine": "lab.creatinine",
    "sodium": "lab.sodium",
}
"""Laboratory inputs of IN-19 by name, with their concepts."""

_BEDSIDE = (
    "obs.bp_panel",
    "obs.bp_systolic",
    "obs.bp_mean",
    "obs.spo2",
    "obs.o2_flow",
    "obs.fio2",
    "obs.o2_device",
    "obs.gcs",
    "obs.avpu",
    "obs.level_of_arousal",
)


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One read: a FHIR search (or the read of the Patient) without the patient's id.

    `query` holds the parameters after `patient`, in order and not percent-encoded. `newest_first`:
    a page that is cut off still speaks for what is newer than its oldest entry. `systems`: the
    codes of the query with their systems, for servers that want them.
    """

    name: str
    resource_type: str
    query: tuple[tuple[str, str], ...]
    count: int | None
    newest_first: bool
    date_parameter: str | None
    window_days: int | None
    systems: tuple[Pair, ...] = ()

    def template(self, *, dates: bool = False) -> str:
        """The CDS Hooks prefetch template; with `dates`, with its 3.0 date window."""
        if self.name == _PATIENT:
            return f"Patient/{_TOKEN}"
        parts = [f"patient={_TOKEN}", *(f"{name}={value}" for name, value in self.query)]
        if dates and self.date_parameter and self.window_days:
            parts.append(f"{self.date_parameter}=ge{{{{today() - {self.window_days} days}}}}")
        return f"{self.resource_type}?{'&'.join(parts)}"

    def searches(
        self, patient_id: str, until: str | None = None
    ) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The searches of an own read: parameter lists, the code list split at 40.

        `until` is an RFC 3339 instant that is added as `le` on the date parameter (evaluate-at).
        The Patient read has no search: its tuple is empty.
        """
        if self.name == _PATIENT:
            return ()
        ending = ((self.date_parameter, f"le{until}"),) if until and self.date_parameter else ()
        return tuple(((_PATIENT, patient_id), *query, *ending) for query in _split(self.query))

    def window_from(self, now: Instant) -> Instant:
        """From where on a dated template is complete at best (ALWAYS without a window)."""
        return now - self.window_days * DAY if self.window_days else ALWAYS


def _split(query: tuple[tuple[str, str], ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The query once for each part of a long code list."""
    codes = dict(query).get("code", "").split(",")
    for start in range(0, len(codes), _CODES_A_SEARCH):
        part = ",".join(codes[start : start + _CODES_A_SEARCH])
        yield tuple((name, part if name == "code" else value) for name, value in query)


def _codes(system: str, concepts: Iterable[str]) -> tuple[Pair, ...]:
    """Code and system of concepts, in file order."""
    url = system_url(system)
    return tuple((code, url) for key in concepts for code in SHIPPED.codes(key, system))


def _key(  # noqa: PLR0913 - a row of a table
    name: str,
    resource_type: str,
    query: str,
    count: int | None = None,
    dated: tuple[str, int] | None = None,
    *,
    codes: tuple[Pair, ...] = (),
) -> KeySpec:
    date, days = dated or (None, None)
    filled = query.format(",".join(code for code, _ in codes))
    parts = (part.partition("=") for part in filled.split("&") if part)
    pairs = tuple((key, value) for key, _, value in parts)
    counted = pairs if count is None else (*pairs, ("_count", str(count)))
    newest_first = any(key == "_sort" and value.startswith("-") for key, value in pairs)
    return KeySpec(name, resource_type, counted, count, newest_first, date, days, codes)


_CART = tuple(key for key in SHIPPED.sets if key.startswith("cart."))
_TRENDS = ("obs.body_temperature", "obs.body_weight", *LABS.values())
_VITALS = ("obs.body_temperature", *_BEDSIDE)

KEYS: Mapping[str, KeySpec] = {
    spec.name: spec
    for spec in (
        _key("patient", "Patient", ""),
        _key("procedures", "Procedure", "_sort=-date", 200, ("date", 366)),
        _key("infusions", "MedicationAdministration", "code={}", 20, codes=_codes("rxnorm", _CART)),
        _key(
            "given",
            "MedicationAdministration",
            "_sort=-effective-time",
            200,
            ("effective-time", 92),
        ),
        _key("medicationOrders", "MedicationRequest", "status=active,on-hold,draft", 200),
        _key("testOrders", "ServiceRequest", "_sort=-authored", 200, ("authored", 4)),
        _key(
            "bedside",
            "Observation",
            "category=vital-signs,survey,exam&_sort=-date",
            200,
            ("date", 32),
        ),
        _key(
            "trends",
            "Observation",
            "code={}&_sort=-date",
            200,
            ("date", 92),
            codes=_codes("loinc", _TRENDS),
        ),
        _key("conditions", "Condition", "", 200),
        _key("reports", "DiagnosticReport", "_sort=-date", 100, ("date", 4)),
        _key("questionnaires", "QuestionnaireResponse", "_sort=-authored", 50, ("authored", 32)),
    )
}
"""The eleven keys, in the order in which they are advertised."""

EXTRA_KEYS: Mapping[str, KeySpec] = {
    "vitals": _key(
        "vitals",
        "Observation",
        "code={}&_sort=-date",
        200,
        ("date", 32),
        codes=_codes("loinc", _VITALS),
    ),
    "medications": KeySpec("medications", "Medication", (), None, False, None, None),
}
"""Own reads of the second round: `vitals` (bedside codes without category), `medications`."""


def keys_of_site(site: SiteCodes) -> Mapping[str, KeySpec]:
    """All reads, those of `EXTRA_KEYS` too, with the site's codes after ours."""
    bedside = tuple(key for row in site.rows for key in row.keys if key.startswith("obs."))
    concepts = {"infusions": _CART, "trends": _TRENDS, "vitals": (*_VITALS, *bedside)}
    return {
        name: _with_codes(spec, tuple(site.pairs_of(concepts.get(name, ()))))
        for name, spec in {**KEYS, **EXTRA_KEYS}.items()
    }


def _with_codes(spec: KeySpec, pairs: tuple[Pair, ...]) -> KeySpec:
    if not pairs:
        return spec
    more = tuple((code, system) for system, code in pairs)
    codes = dict.fromkeys(code for code, _ in (*spec.systems, *more))
    query = tuple(
        (name, ",".join(codes) if name == "code" else value) for name, value in spec.query
    )
    return replace(spec, query=query, systems=(*spec.systems, *more))
