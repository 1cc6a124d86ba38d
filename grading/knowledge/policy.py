"""The policy: every number and switch that is a choice, named as in clinical-rules.md 10.2."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from importlib.resources import files
from typing import Any

from grading.knowledge.errors import KnowledgeError


@dataclass(frozen=True, slots=True)
class Policy:
    """The values in force; unit, range, source and meaning of each stand in `policy.toml`."""

    fever_threshold_c: Decimal
    fever_inclusive: bool
    fever_window_h: int
    support_window_h: int
    bp_window_h: int
    episode_close_h: int
    crs_onset_max_day: int
    crs_late_max_day: int
    icans_normal_max_day: int
    icans_max_day: int
    sbp_adult: Decimal
    map_adult: Decimal
    hypoxia_spo2: Decimal
    room_air_assume_spo2: Decimal
    lowflow_max_lpm: Decimal
    hfnc_name_is_grade3: bool
    vasopressin_alone_grade: int
    count_ordered_as_given: bool
    capd_age_lt: int
    seizure_window_h: int
    seizure_prolonged_min: Decimal
    op_is_grade4: bool
    op_advisory_mmhg: Decimal
    toci_mgkg_ge30: Decimal
    toci_mgkg_lt30: Decimal
    toci_weight_break_kg: Decimal
    toci_max_mg: Decimal
    toci_min_interval_h: int
    toci_max_24h: int
    toci_max_total: int
    toci_dose_tolerance_pct: Decimal
    toci_shortage: bool
    toci_shortage_max: int
    toci_crs1_persist_h: int
    toci_response_h: int
    early_onset_h: int
    early_steroid_products: tuple[str, ...]
    icans1_early_products: tuple[str, ...]
    lev_min_icans: Mapping[str, int]
    lev_on_crs: tuple[str, ...]
    lev_dose_text: str
    neuroimaging_min_icans: int
    eeg_min_icans: int
    lp_min_icans: int
    imaging_recent_h: int
    eeg_recent_h: int
    gcsf_severity: Mapping[str, str]
    gmcsf_severity: str
    gcsf_info_without_crs: bool
    iechs_min_features: int
    refractory_h: int
    ice_interval_h: int
    live_vaccine_months: int
    scope_bispecifics: bool
    product_overrides: bool
    icp_numbers: bool
    ruxolitinib_dose: bool
    crs_anakinra_dose: bool
    renal_doses: bool
    renal_order_check: bool
    ped_steroid_doses: bool
    ped_adult_doses: bool
    neutropenia_anc: Decimal
    min_age_adult: int
    late_crs_cap: str
    stopped_support_h: int
    scope_max_day: int
    oxygen_window_h: int
    room_air_assume_h: int
    low_bp_count: int
    low_bp_count_h: int
    mask_window_h: int
    waiver_margin_h: int
    sedation_window_h: int
    sedation_carry_h: int
    baseline_support_d: int
    bp_pair_min: int
    o2_pair_min: int
    pressor_join_h: int
    pressor_point_h: int
    dose_merge_h: int
    steroid_course_gap_h: int
    infusion_merge_h: int
    course_gap_d: int
    episode_gap_h: int
    old_sign_keeps_hi_d: int
    administrations_published: bool
    dex_once_response_h: int
    steroid_companion_h: int
    weight_jump_pct: Decimal
    icu_boluses: int
    bolus_min_ml: Decimal
    mon_temperature_h: int
    mon_max_day: int
    soften_max_day: int
    iechs_ferritin_fold: Decimal
    iechs_ferritin_fold_h: int
    iechs_alt_xuln: Decimal
    iechs_fibrinogen: Decimal
    iechs_platelets: Decimal
    iechs_hb: Decimal
    iechs_grade_text: bool
    iechs_toci_note: bool
    weight_max_age_d: int
    weight_max_age_infant_d: int
    neuro_window_h: int
    imaging_window_h: int


SWITCHES = tuple(field.name for field in fields(Policy) if field.type == "bool")
"""Names of the switches."""

_FILE = "policy.toml"
_TYPES = {field.name: str(field.type) for field in fields(Policy)}
_NEEDED = {"value", "unit", "rules", "means"}
_KEYS = _NEEDED | {"range", "choices", "keys", "all_keys", "unused", "since"}
_AT_MOST = (
    ("crs_onset_max_day", "crs_late_max_day"),
    ("icans_normal_max_day", "icans_max_day"),
    ("icans_max_day", "scope_max_day"),
    ("hypoxia_spo2", "room_air_assume_spo2"),
    ("toci_mgkg_ge30", "toci_mgkg_lt30"),
    ("toci_max_24h", "toci_max_total"),
    ("toci_shortage_max", "toci_max_total"),
    ("low_bp_count_h", "bp_window_h"),
    ("oxygen_window_h", "room_air_assume_h"),
)
"""The first may not be greater than the second."""


def shipped_entries() -> dict[str, dict[str, Any]]:
    """The parsed `policy.toml` beside this file."""
    text = (files(__package__) / _FILE).read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def read_policy(data: Mapping[str, Mapping[str, Any]]) -> Policy:
    """The policy of a parsed `policy.toml`.

    Raises:
        KnowledgeError: a name is unknown or missing, or a value has the wrong type, lies outside
            its range (inclusive at both ends) or its choices, or contradicts another value.
    """
    if differing := sorted(_TYPES.keys() ^ data.keys()):
        raise KnowledgeError(f"{_FILE}: names that differ from the policy: {differing}")
    wheres = {name: f"{_FILE}: {name}" for name in _TYPES}
    for name, where in wheres.items():
        entry = data[name]
        if strange := sorted((entry.keys() - _KEYS) | (_NEEDED - entry.keys())):
            raise KnowledgeError(f"{where}: unknown or missing keys {strange}")
    values = {
        name: value_of(wheres[name], name, data[name]["value"], data[name]) for name in _TYPES
    }
    policy = Policy(**values)
    check_together(policy, wheres)
    return policy


def value_of(where: str, name: str, value: Any, entry: Mapping[str, Any]) -> Any:
    """`value` as the policy holds it, where the `entry` of `name` allows it.

    Raises:
        KnowledgeError: it has the wrong type or lies outside; the text begins with `where`.
    """
    kind, may_be = _TYPES[name], allowed(name, entry)
    if not _fits(kind, value):
        raise KnowledgeError(f"{where}: {value!r} is not of type {kind}; allowed: {may_be}")
    if not _is_allowed(kind, value, entry):
        raise KnowledgeError(f"{where}: {_shown(value)} is outside {may_be}")
    return _convert(kind, value)


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def allowed(name: str, entry: Mapping[str, Any]) -> str:
    """What a value may be, in words."""
    words = ", ".join(entry.get("choices", ()))
    numbers = " to ".join(str(end) for end in entry.get("range", ()))
    match _TYPES[name]:
        case "bool":
            return "true or false"
        case "str":
            return words or "a text"
        case "tuple[str, ...]":
            return f"a list of {words}"
        case "int" | "Decimal":
            return f"{numbers} {entry['unit']}"
        case _:
            which = "all" if entry.get("all_keys", False) else "any"
            return f"a table of {which} of {', '.join(entry['keys'])}, each {words or numbers}"


def _fits(kind: str, value: Any) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Decimal":
            return _fits("int", value) or (isinstance(value, Decimal) and value.is_finite())
        case "str":
            return isinstance(value, str)
        case "tuple[str, ...]":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case _:
            of = "int" if kind.endswith("int]") else "str"
            return isinstance(value, dict) and all(_fits(of, item) for item in value.values())


def _is_allowed(kind: str, value: Any, entry: Mapping[str, Any]) -> bool:
    """Whether a value of the right type lies within its range, choices and keys."""
    match kind:
        case "bool":
            return True
        case "int" | "Decimal":
            low, high = entry["range"]
            return bool(low <= value <= high)
        case "str":
            return value in entry["choices"] if "choices" in entry else bool(value.strip())
        case "tuple[str, ...]":
            return len(set(value)) == len(value) and set(value) <= set(entry["choices"])
        case _:
            of = "int" if kind.endswith("int]") else "str"
            keys = set(entry["keys"])
            whole = not entry.get("all_keys", False) or value.keys() == keys
            held = all(_is_allowed(of, item, entry) for item in value.values())
            return bool(whole and held and value.keys() <= keys)


def _convert(kind: str, value: Any) -> Any:
    if kind == "Decimal":
        return Decimal(value)
    if kind == "tuple[str, ...]":
        return tuple(value)
    return value


def check_together(policy: Policy, wheres: Mapping[str, str]) -> None:
    """Raise KnowledgeError where two values contradict each other, one of them of `wheres`."""
    for low, high in _AT_MOST:
        least, most = getattr(policy, low), getattr(policy, high)
        if least <= most:
            continue
        if low in wheres:
            raise KnowledgeError(f"{wheres[low]}: {least} is outside: at most {high} ({most})")
        raise KnowledgeError(f"{wheres[high]}: {most} is outside: at least {low} ({least})")
