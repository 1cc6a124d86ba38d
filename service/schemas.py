"""The CDS Hooks request: what is required of it, and what is kept; all else in it is ignored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load

from service.errors import BadRequest, Problem
from service.hook_request import EVALUATE_AT, FhirAuthorization, HookContext, HookRequest
from service.messages import NotJson, members, value

_ID = re.compile(r"(?!\.+$)[\w.~:@+=-]{1,512}", re.A)
_ENCOUNTER = re.compile(r"(?:https?://[^?#]+/)?Encounter/([^/?#]+)(?:/_history/[^/?#]+)?/?")
_TOKEN = re.compile(r"[!-~]{1,16384}")
_LONGEST_TEXT = 2048
_LONGEST_LIFE_S = 2**31
"""Of a token: one that lives longer outlives every call alike."""
_CONTEXT, _DRAFT_ORDERS = "context", "draftOrders"
_NO_ORDERS, _NULL = msgspec.Raw(b'{"resourceType":"Bundle"}'), msgspec.Raw(b"null")


# --- marshmallow ---------------------------------------------------------------------------------


def filled(text: str) -> None:
    """Raises `ValidationError` where a text is empty."""
    if not text.strip():
        raise ValidationError("must not be empty")
    if len(text) > _LONGEST_TEXT:
        raise ValidationError(f"must not be longer than {_LONGEST_TEXT} characters")


def is_resource_id(text: str) -> bool:
    """Whether it can stand in a FHIR URL as one id; longer ones than FHIR allows can."""
    return _ID.fullmatch(text) is not None


def _resource_id(text: str) -> None:
    if not is_resource_id(text):
        raise ValidationError("must be the id of a resource")


def _bare(encounter: str) -> str:
    """The id of an encounter, which some write as a reference; empty where there is none."""
    found = _ENCOUNTER.fullmatch(encounter.strip())
    return found[1] if found else encounter.strip()


def _encounter(text: str) -> None:
    if text.strip() and not is_resource_id(_bare(text)):
        raise ValidationError("must be the id of a resource")


def _bundle(raw: msgspec.Raw) -> None:
    try:
        kind = value(members(raw).get("resourceType", _NULL))
    except NotJson as error:
        raise ValidationError("must be a Bundle") from error
    if kind != "Bundle":
        raise ValidationError("must be a Bundle")


def _bearer(text: str) -> None:
    if text.lower() != "bearer":
        raise ValidationError("must be Bearer")


def _token(text: str) -> None:
    if not _TOKEN.fullmatch(text):
        raise ValidationError("must be a bearer token")


class Envelope(Schema):
    """Base: unknown members are ignored (GEN-9), null optional ones are as if absent."""

    class Meta:
        """Options of marshmallow."""

        unknown = EXCLUDE

    @pre_load
    def _without_nulls(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: item for name, item in data.items() if item is not None}


class FhirAuthorizationSchema(Envelope):
    """`fhirAuthorization` (FHIR-3)."""

    access_token = fields.String(required=True, validate=_token)
    token_type = fields.String(required=True, validate=_bearer)
    expires_in = fields.Integer(required=True, strict=True)
    scope = fields.String(required=True)
    subject = fields.String(required=True)
    patient = fields.String(load_default="")

    @pre_load
    def _whole_seconds(self, data: Any, **_: Any) -> Any:
        """Refuse text and truth values, which marshmallow would read as numbers."""
        if isinstance(data, dict) and isinstance(data.get("expires_in"), str | bool):
            raise ValidationError({"expires_in": ["must be an integer"]})
        return data

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> FhirAuthorization:
        life = min(data["expires_in"], _LONGEST_LIFE_S)
        patient = data["patient"].strip().removeprefix("Patient/") or None
        return FhirAuthorization(data["access_token"], life, patient, data["scope"])


class PatientViewContextSchema(Envelope):
    """`context` of patient-view (CTX-4)."""

    user_id = fields.String(required=True, validate=filled, data_key="userId")
    patient_id = fields.String(required=True, validate=_resource_id, data_key="patientId")
    encounter_id = fields.String(load_default="", validate=_encounter, data_key="encounterId")

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> HookContext:
        return HookContext(
            data["patient_id"],
            _bare(data["encounter_id"]) or None,
            data.get("draft_orders", _NO_ORDERS),
            tuple(data["selections"]) if "selections" in data else None,
            data["user_id"],
        )


class OrderSignContextSchema(PatientViewContextSchema):
    """`context` of order-sign (CTX-6): all drafts are to be checked."""

    draft_orders = fields.Raw(required=True, validate=_bundle, data_key=_DRAFT_ORDERS)


class OrderSelectContextSchema(OrderSignContextSchema):
    """`context` of order-select (CTX-5): the drafts in `selections` are to be checked."""

    selections = fields.List(fields.String(), required=True)


class PatientViewSchema(Envelope):
    """The envelope of a patient-view call, without `prefetch`."""

    hook = fields.String(required=True, validate=filled)
    hook_instance = fields.String(required=True, validate=filled, data_key="hookInstance")
    fhir_server = fields.String(load_default=None, validate=filled, data_key="fhirServer")
    fhir_authorization = fields.Nested(
        FhirAuthorizationSchema, load_default=None, data_key="fhirAuthorization"
    )
    context = fields.Nested(PatientViewContextSchema, required=True)
    extension = fields.Raw(load_default=None)


class OrderSignSchema(PatientViewSchema):
    """The envelope of an order-sign call."""

    context = fields.Nested(OrderSignContextSchema, required=True)


class OrderSelectSchema(PatientViewSchema):
    """The envelope of an order-select call."""

    context = fields.Nested(OrderSelectContextSchema, required=True)


_SCHEMAS: Mapping[str, Schema] = {
    "patient-view": PatientViewSchema(),
    "order-select": OrderSelectSchema(),
    "order-sign": OrderSignSchema(),
}


def _names(shape: Any) -> frozenset[str]:
    """The names of the members of a schema, or of the one that a field holds."""
    known: Mapping[str, fields.Field[Any]] = getattr(shape, "schema", shape).fields
    return frozenset(field.data_key or name for name, field in known.items())


_MEMBERS = _names(_SCHEMAS["patient-view"])
_KNOWN: Mapping[str, Collection[str]] = {
    "fhirAuthorization": _names(FhirAuthorizationSchema()),
    "extension": frozenset({EVALUATE_AT}),
}
"""What is read of an object of the request; what else is in it may be anything (GEN-9)."""


def load_request(body: Mapping[str, msgspec.Raw], hook: str) -> HookRequest:
    """The call that `body` makes of a service for `hook`.

    Raises:
        BadRequest: a required member is missing or of the wrong type, or it is another hook's.
    """
    known = {**_KNOWN, _CONTEXT: _names(_SCHEMAS[hook].fields[_CONTEXT])}
    written = {name: _member(name, body[name], known.get(name)) for name in _MEMBERS & body.keys()}
    named = written.get("hook")
    if isinstance(named, str) and named.strip() and named != hook:
        raise BadRequest(f"hook: this service answers {hook}")
    found = load_into(_SCHEMAS[hook], written)
    if found["fhir_authorization"] is not None and found["fhir_server"] is None:
        raise BadRequest(Problem("required", "fhirServer: required with fhirAuthorization"))
    extension = found["extension"]
    return HookRequest(
        found["hook_instance"],
        found["context"],
        found["fhir_server"],
        found["fhir_authorization"],
        extension if isinstance(extension, dict) else {},
        _prefetch(body.get("prefetch")),
    )


def load_into(schema: Schema, data: Any, where: str = "") -> Any:
    """What `schema` makes of `data`; `where` is the path of `data` in the body.

    Raises:
        BadRequest: a member is missing or of the wrong type; every such member is named.
    """
    try:
        return schema.load(data)
    except ValidationError as error:
        raise BadRequest(*_problems(_messages(error), where)) from error


def _member(name: str, raw: msgspec.Raw, known: Collection[str] | None) -> Any:
    """The value of a member, of an object the `known` ones; draft orders stay as they were sent."""
    try:
        if known is not None and bytes(memoryview(raw)[:1]) == b"{":
            return {key: _part(key, part) for key, part in members(raw).items() if key in known}
        return value(raw)
    except NotJson as error:
        raise BadRequest(f"{name}: {error}") from error


def _part(name: str, raw: msgspec.Raw) -> Any:
    return raw if name == _DRAFT_ORDERS and raw != _NULL else value(raw)


def _prefetch(raw: msgspec.Raw | None) -> Mapping[str, msgspec.Raw]:
    if raw is None or raw == _NULL:
        return {}
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise BadRequest("prefetch: must be an object") from error


def _messages(error: ValidationError) -> Mapping[str, Any]:
    return error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}


def _problems(messages: Mapping[str, Any], path: str) -> list[Problem]:
    """Marshmallow's messages, which hold no values, flat: `context.userId: ...`."""
    found: list[Problem] = []
    for name, told in messages.items():
        where = path if name == "_schema" else f"{path}.{name}".lstrip(".")
        if isinstance(told, Mapping):
            found += _problems(told, where)
        else:
            found.append(Problem("invalid", f"{where}: {' '.join(map(str, told))}"))
    return found
