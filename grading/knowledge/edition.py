"""The edition of the clinical content."""

from __future__ import annotations

EDITION = "2026.11.0"
"""Raised with every change of it (CHANGELOG)."""
FIRST_EDITION = "2026.11.0"
"""Where a parameter of the policy does not say since when it is as it is."""
