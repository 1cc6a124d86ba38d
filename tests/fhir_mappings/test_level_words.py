"""Levels of consciousness beside a history, or beside something else that is over (DEF-9)."""

from __future__ import annotations

import pytest

from fhir_mappings.level_words import level_from_text
from grading.model import Level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Awakens only to tactile stimulation", Level.TOUCH),
        ("Awakens to vigorous stimulation", Level.UNAROUSABLE),
        ("Awakens to verbal stimulation", Level.VOICE),
        ("Awakens to painful stimulation", Level.TOUCH_OR_VIGOROUS),
        ("Awakens to stimulation", None),
        ("Unarousable after seizure resolved", Level.UNAROUSABLE),
        ("Coma persists after status epilepticus resolved", Level.UNAROUSABLE),
        ("Comatose although seizures resolved", Level.UNAROUSABLE),
        ("Unresponsive despite resolved hypoglycemia", Level.UNAROUSABLE),
        ("Unresponsive episode resolved", None),
        ("Coma from sedation resolved", None),
        ("Coma with seizure resolved", None),
        ("Resolution of coma", None),
        ("Patient with history of DLBCL now unresponsive", Level.UNAROUSABLE),
        ("Unresponsive cannot give history", Level.UNAROUSABLE),
        ("History of coma", None),
        ("Coma by history", None),
        ("Alert, hx of DLBCL", Level.SPONTANEOUS),
        ("Previously unresponsive - unchanged", Level.UNAROUSABLE),
        ("Previously unresponsive - alert, unchanged", Level.SPONTANEOUS),
        ("Prior unresponsiveness persists", Level.UNAROUSABLE),
        ("Previously unresponsive", None),
        ("Unchanged", None),
    ],
)
def test_a_level_beside_what_was(text: str, level: Level | None) -> None:
    assert level_from_text(text) is level
