"""The policy: every number and switch that is a choice, named as in clinical-rules.md 10.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
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
    weight_max_age_d: int
    weight_max_age_infant_d: int
    neuro_window_h: int
    imaging_window_h: int


_KEYS = {"value", "unit", "range", "rules", "means"}
_NUMBERS = {"int", "Decimal"}


def read_policy(data: Mapping[str, Mapping[str, Any]]) -> Policy:
    """The policy of a parsed `policy.toml`.

    Raises:
        KnowledgeError: a name is unknown or missing, or a value has the wrong type or lies outside
            its range (inclusive at both ends).
    """
    types = {field.name: str(field.type) for field in fields(Policy)}
    if differing := sorted(types.keys() ^ data.keys()):
        raise KnowledgeError(f"policy.toml: names that differ from the policy: {differing}")
    return Policy(**{name: _value(name, types[name], data[name]) for name in types})


def _value(name: str, kind: str, entry: Mapping[str, Any]) -> Any:
    if strange := sorted(entry.keys() - _KEYS):
        raise KnowledgeError(f"policy.toml: {name}: unknown keys {strange}")
    value = entry["value"]
    if not _fits(kind, value):
        raise KnowledgeError(f"policy.toml: {name}: {value!r} is not of type {kind}")
    if kind in _NUMBERS:
        low, high = entry["range"]
        if not low <= value <= high:
            raise KnowledgeError(f"policy.toml: {name}: {value} is outside {low} to {high}")
    return _convert(kind, value)


def _fits(kind: str, value: Any) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Decimal":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case "str":
            return isinstance(value, str)
        case "tuple[str, ...]":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case _:
            return isinstance(value, dict)


def _convert(kind: str, value: Any) -> Any:
    if kind == "Decimal":
        return Decimal(value)
    if kind == "tuple[str, ...]":
        return tuple(value)
    return value
