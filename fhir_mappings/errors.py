"""What can be wrong with charted data, or with a file of value sets."""

from __future__ import annotations


class MappingError(ValueError):
    """Something delivered as FHIR cannot be read; the text names no patient data."""


class TimeError(MappingError):
    """A date or time is not one of FHIR's forms."""


class UnitError(MappingError):
    """A quantity has an unknown unit, or none where it needs one."""


class RangeError(UnitError):
    """A quantity lies outside the accepted range of its input."""


class CodeError(MappingError):
    """A file of value sets is broken; raised at import only."""
