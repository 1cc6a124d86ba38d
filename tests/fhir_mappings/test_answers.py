"""Answers to the core's words: devices, levels, seizures and signs."""

from __future__ import annotations

import pytest

from fhir_mappings.answers import (
    DEVICES,
    ICP,
    LEVELS,
    MOTOR,
    SEIZURES,
    SIGNS,
    _member,
    grade_in_words,
    level_of_eye,
    level_of_rass,
    level_of_total,
    rass_from_text,
)
from fhir_mappings.codes import LOCAL_SYSTEM, system_url
from fhir_mappings.errors import CodeError
from fhir_mappings.level_words import level_from_eye, level_from_text
from grading.model import Device, Level, SeizureKind, SignKind

SNOMED, LOINC = system_url("snomed"), system_url("loinc")


@pytest.mark.parametrize(
    ("system", "code", "device"),
    [
        (SNOMED, "722742002", Device.ROOM_AIR),
        (SNOMED, "336623009", Device.NASAL_CANNULA),
        (SNOMED, "426854004", Device.HIGH_FLOW_CANNULA),
        (SNOMED, "427591007", Device.MASK),
        (SNOMED, "47545007", Device.CPAP),
        (SNOMED, "1258985005", Device.VENTILATOR),
        (SNOMED, "786453001", Device.ECMO),
        (LOCAL_SYSTEM, "blow-by", Device.BLOW_BY),
    ],
)
def test_a_device_by_code(system: str, code: str, device: Device) -> None:
    assert DEVICES[(system, code)] is device


@pytest.mark.parametrize(
    ("system", "code", "level", "scale"),
    [
        (LOCAL_SYSTEM, "awakens-to-touch", Level.TOUCH, ""),
        (LOCAL_SYSTEM, "unarousable", Level.UNAROUSABLE, ""),
        (LOINC, "LA25177-9", Level.VOICE, ""),
        (LOINC, "LA25174-6", Level.UNAROUSABLE, ""),
        (LOINC, "LA6554-5", Level.TOUCH_OR_VIGOROUS, "gcs"),
        (LOINC, "LA33966-5", Level.TOUCH_OR_VIGOROUS, "rass"),
        (SNOMED, "450847001", Level.TOUCH_OR_VIGOROUS, "avpu"),
    ],
)
def test_a_level_by_code(system: str, code: str, level: Level, scale: str) -> None:
    assert LEVELS[(system, code)] == (level, scale)


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (4, Level.SPONTANEOUS),
        (0, Level.SPONTANEOUS),
        (-1, Level.VOICE),
        (-3, Level.VOICE),
        (-4, Level.TOUCH_OR_VIGOROUS),
        (-5, Level.UNAROUSABLE),
        (-6, None),
        (5, None),
    ],
)
def test_rass(score: int, level: Level | None) -> None:
    assert level_of_rass(score) is level


def test_gcs() -> None:
    assert [level_of_eye(n) for n in range(6)] == [
        None,
        Level.UNAROUSABLE,
        Level.TOUCH_OR_VIGOROUS,
        Level.VOICE,
        Level.SPONTANEOUS,
        None,
    ]
    assert [level_of_total(n) for n in (15, 14, 8, 3)] == [
        Level.SPONTANEOUS,
        None,
        None,
        Level.UNAROUSABLE,
    ]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("RASS -2", Level.VOICE),
        ("RASS: -4", Level.TOUCH_OR_VIGOROUS),
        ("-5 Unarousable", Level.UNAROUSABLE),
        ("\N{MINUS SIGN}4 Deep sedation", Level.TOUCH_OR_VIGOROUS),
        ("+1 Restless", Level.SPONTANEOUS),
        ("0 Alert and calm", Level.SPONTANEOUS),
        ("-3 to -4", Level.TOUCH_OR_VIGOROUS),
        ("-3 to -4 overnight", Level.TOUCH_OR_VIGOROUS),
        ("-4/-5", Level.UNAROUSABLE),
        ("0 to -1", Level.VOICE),
        ("+1 to -1", Level.VOICE),
        ("0 to +1", Level.SPONTANEOUS),
        ("-1 - 0", Level.VOICE),
        ("-4 - deep sedation", Level.TOUCH_OR_VIGOROUS),
        ("-4 - 2 reassess", Level.TOUCH_OR_VIGOROUS),
        ("goal -2, actual -4", Level.TOUCH_OR_VIGOROUS),
        ("-4 (goal -1 to 0)", Level.TOUCH_OR_VIGOROUS),
        ("Goal 0 to -1", None),
        ("-3 to 4", None),
        ("-3-4", None),
        ("12 points", None),
        ("not done", None),
    ],
)
def test_rass_in_words(text: str, level: Level | None) -> None:
    assert rass_from_text(text) is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("A", Level.SPONTANEOUS),
        ("C", Level.SPONTANEOUS),
        ("V", Level.VOICE),
        ("p", Level.TOUCH_OR_VIGOROUS),
        ("U", Level.UNAROUSABLE),
        ("Awakens to voice", Level.VOICE),
        ("Awakens only to touch", Level.TOUCH),
        ("Responds to pain", Level.TOUCH_OR_VIGOROUS),
        ("Needs vigorous touch", Level.UNAROUSABLE),
        ("Alert", Level.SPONTANEOUS),
        ("Awakens spontaneously", Level.SPONTANEOUS),
        ("Alert, slurred speech", Level.SPONTANEOUS),
        ("Awake, unable to name objects", Level.SPONTANEOUS),
        ("Alert, pain 3/10", Level.SPONTANEOUS),
        ("Alert, repeated questions", Level.SPONTANEOUS),
        ("Not oriented but alert", Level.SPONTANEOUS),
        ("Responds to name", Level.VOICE),
        ("Asleep, arousable to voice", Level.VOICE),
        ("Not alert, responds to voice", Level.VOICE),
        ("No response to verbal stimuli", Level.TOUCH_OR_VIGOROUS),
        ("Does not respond to voice, responds to pain only", Level.TOUCH_OR_VIGOROUS),
        ("No response to voice, awakens to touch", Level.TOUCH),
        ("No verbal response, responds to painful stimuli", Level.TOUCH_OR_VIGOROUS),
        ("Does not wake to touch", Level.UNAROUSABLE),
        ("No response to pain", Level.UNAROUSABLE),
        ("No response", Level.UNAROUSABLE),
        ("Unable to be awakened", Level.UNAROUSABLE),
        ("Does not awaken", Level.UNAROUSABLE),
        ("Unable to arouse", Level.UNAROUSABLE),
        ("Does not wake up", Level.UNAROUSABLE),
        ("Could not be aroused", Level.UNAROUSABLE),
        ("Not arousable", Level.UNAROUSABLE),
        ("Sleepy, cannot be aroused", Level.UNAROUSABLE),
        ("Asleep, no response to any stimulus", Level.UNAROUSABLE),
        ("Asleep, not awakened", None),
        ("Patient asleep, not awakened for assessment", None),
        ("Sleeping; did not wake", None),
        ("RN did not wake patient", None),
        ("Resting, not aroused", None),
        ("Asleep, unable to awaken for assessment", None),
        ("P - Pain", Level.TOUCH_OR_VIGOROUS),
        ("P (Pain)", Level.TOUCH_OR_VIGOROUS),
        ("Pain (P)", Level.TOUCH_OR_VIGOROUS),
        ("P=Pain", Level.TOUCH_OR_VIGOROUS),
        ("3 - Pain", Level.TOUCH_OR_VIGOROUS),
        ("Painful", Level.TOUCH_OR_VIGOROUS),
        ("Pain only", Level.TOUCH_OR_VIGOROUS),
        ("Withdraws from pain", Level.TOUCH_OR_VIGOROUS),
        ("Localizes pain", Level.TOUCH_OR_VIGOROUS),
        ("Does not withdraw from pain", Level.UNAROUSABLE),
        ("Pain 3/10", None),
        ("A (Pain)", None),
        ("A - Alert", Level.SPONTANEOUS),
        ("V - Verbal", Level.VOICE),
        ("V (Verbal)", Level.VOICE),
        ("V: Verbal", Level.VOICE),
        ("U - Unresponsive", Level.UNAROUSABLE),
        ("Arouses easily to name", Level.VOICE),
        ("Responds promptly to name", Level.VOICE),
        ("Alert, responds when asked to name objects", Level.SPONTANEOUS),
        ("No acute distress - alert", Level.SPONTANEOUS),
        ("No change - alert", Level.SPONTANEOUS),
        ("Not drowsy - alert", Level.SPONTANEOUS),
        ("Not alert - responds to voice", Level.VOICE),
        ("Not alert", None),
        ("Not awake", None),
        ("No longer alert", None),
        ("Decreased alertness", None),
        ("Does not awaken spontaneously", None),
        ("Not unresponsive", None),
        ("Alert, no response to voice", None),
        ("Coma resolved; alert", Level.SPONTANEOUS),
        ("Emerged from coma, alert", Level.SPONTANEOUS),
        ("Alert, previous coma", Level.SPONTANEOUS),
        ("Coma resolved", None),
        ("Alert once sedation resolved", Level.SPONTANEOUS),
        ("Stupor not resolved", Level.UNAROUSABLE),
        ("Awake when spoken to", Level.VOICE),
        ("Opens eyes when called", Level.VOICE),
        ("Alert, answers when called", Level.SPONTANEOUS),
        ("Alert when stimulated", None),
        ("Alert when not stimulated", Level.SPONTANEOUS),
        ("Arouses to voice; alert when stimulated", Level.VOICE),
        ("Oriented to name only", None),
        ("pending", None),
    ],
)
def test_a_level_in_words(text: str, level: Level | None) -> None:
    assert level_from_text(text) is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("4 - Spontaneous", Level.SPONTANEOUS),
        ("3 - To speech", Level.VOICE),
        ("3", Level.VOICE),
        ("To sound", Level.VOICE),
        ("To pressure", Level.TOUCH_OR_VIGOROUS),
        ("2 = To pain", Level.TOUCH_OR_VIGOROUS),
        ("None", Level.UNAROUSABLE),
        ("Does not open", Level.UNAROUSABLE),
        ("1 - None", Level.UNAROUSABLE),
        ("3/4", None),
        ("15", None),
        ("Eyes closed by swelling", None),
    ],
)
def test_the_eye_item_in_words(text: str, level: Level | None) -> None:
    assert level_from_eye(text) is level


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("Grade 3", 3),
        ("grade: 0", 0),
        ("Grade 2 (ASTCT 2019)", 2),
        ("Grade II", 2),
        ("Grade IV by ASTCT", 4),
        ("CRS 2", 2),
        ("2", 2),
        ("G1", 1),
        ("Grade 6", None),
        ("Grade 3.5", None),
        ("Grade 2-3", None),
        ("Grade 2 to 3", None),
        ("Grade I/II", None),
        ("Grade 1 in the morning, grade 2 now", None),
        ("Grade 2 or grade 3", None),
        ("2-3", None),
        ("CRS not grade 3", None),
        ("No grade 3 CRS", None),
        ("No CRS grade 2", None),
        ("Grade 2 - hypotension not requiring vasopressors", 2),
        ("Grade 2 (not on pressors)", 2),
        ("Grade 1 - fever, no hypotension, no hypoxia", 1),
        ("Grade 3 (not improving)", 3),
        ("Grade 2 - 2 L NC", 2),
        ("Grade 3 - 1 vasopressor", 3),
        ("Grade 2 (ICE 3-6)", 2),
        ("Grade 3 (ICE 0-2)", 3),
        ("Grade 0 - no CRS", 0),
        ("0 - No CRS", 0),
        ("None", 0),
        ("No CRS", 0),
        ("No ICANS", 0),
        ("No CRS symptoms charted", None),
        ("Grade \N{SUPERSCRIPT TWO}", None),
        ("Grade \N{ARABIC-INDIC DIGIT TWO}", None),
        ("ASTCT 2019", None),
    ],
)
def test_a_grade_in_words(text: str, grade: int | None) -> None:
    assert grade_in_words(text) == grade


def test_seizures_and_signs_by_code() -> None:
    assert SEIZURES[(LOCAL_SYSTEM, "repetitive-no-baseline")] is SeizureKind.PROLONGED
    assert MOTOR[(LOCAL_SYSTEM, "none")] is SignKind.MOTOR_NONE
    assert ICP[(LOCAL_SYSTEM, "none")] is SignKind.ICP_NONE
    assert SIGNS[(SNOMED, "423341008")] is SignKind.PAPILLEDEMA


def test_an_answer_of_no_meaning_stops_the_start() -> None:
    with pytest.raises(CodeError, match="no such Level ASLEEP"):
        _member(Level, "ASLEEP")
