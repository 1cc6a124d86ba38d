"""The clients file: who may call, how each proves it, and what each may do (docs/operations.md)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.jwk import KeySet
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validates_schema
from marshmallow.validate import ContainsOnly, Length, NoneOf, OneOf, Regexp

from fhir_mappings.keys import KEYS
from service import held
from service.key_sets import public_keys
from service.settings import ScopeUnknown, SettingsError, is_loopback, plain_url

DEFAULT_ALGORITHMS: Final = ("ES384", "RS384")
ALGORITHMS: Final = (*DEFAULT_ALGORITHMS, "ES512", "PS384", "PS512", "RS512")
"""What may be listed: asymmetric, with SHA-384 or stronger (JWT-4 to JWT-6)."""
_HEADER: Final = re.compile(r"\s*\[\[\s*client\s*\]\]")
_SUB_TABLE: Final = re.compile(r"\s*\[{1,2}\s*client\s*\.\s*([\w-]+)")
_KEY: Final = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Client:
    """A client that is trusted.

    `keys`: fixed here; None: at `jku`, of which the first counts where a token names none.
    `tenants`: empty where they do not matter. `fhir_servers`: base to whether it may be read
    without a token. `aliases`: the client's name of a prefetch key to ours. `scope_unknown`: None
    as in the settings. `shadow`: it is answered without cards.
    """

    name: str
    issuer: str
    jku: tuple[str, ...]
    keys: KeySet | None
    algorithms: frozenset[str]
    tenants: frozenset[str]
    services: frozenset[str]
    fhir_servers: Mapping[str, bool]
    aliases: Mapping[str, str]
    scope_unknown: ScopeUnknown | None
    shadow: bool

    def may_read(self, base: str, with_token: bool) -> bool:
        """Whether this FHIR base may be read for the client (FHIR-1, FHIR-10)."""
        open_to_all = self.fhir_servers.get(base.rstrip("/"))
        return open_to_all is not None and (with_token or open_to_all)


def read_clients(path: str, services: Collection[str]) -> tuple[Client, ...]:
    """The clients of a file; `services` are the ids on offer.

    Raises:
        SettingsError: the file, the line and what is wrong there.
    """
    try:
        text = held.text(path)
        written = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"CART_CDS_CLIENTS is {path!r}: the file cannot be read") from error
    except ValueError as error:  # TOML says the line itself
        raise SettingsError(f"CART_CDS_CLIENTS is {path!r}: {error}") from error
    try:
        found = _FileSchema().load(written)["client"]
        _check_services(found, services)
        _check_unique(found)
    except ValidationError as error:
        where, told = _first(error.messages_dict)
        raise SettingsError(f"{path}, line {_line(text, where)}: {_said(where)}{told}") from error
    return tuple(_client(each, services) for each in found)


def app_client(clients: Iterable[Client]) -> Client:
    """The plot app, which may read what any of the clients may, with a token only."""
    bases = dict.fromkeys((base for client in clients for base in client.fhir_servers), False)
    none: frozenset[str] = frozenset()
    return Client("smart-app", "", (), None, none, none, none, bases, {}, None, False)


def _client(found: Mapping[str, Any], services: Collection[str]) -> Client:
    return Client(
        **{
            **found,
            "jku": tuple(found["jku"]),
            "keys": public_keys(found["keys"]) if found["keys"] else None,
            "algorithms": frozenset(found["algorithms"]),
            "tenants": frozenset(found["tenants"]),
            "services": frozenset(found["services"] or services),
            "fhir_servers": dict(found["fhir_servers"]),
        }
    )


# --- checks --------------------------------------------------------------------------------------


def _address(text: str) -> str:
    """A URL as it stands in a token or a request, but for its last slash."""
    try:
        plain = plain_url(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    parts = urlsplit(plain)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ValidationError("use https; http is for loopback only")
    return plain


def _https(text: str) -> None:
    _address(text)


def _public_jwk(entry: Any) -> None:
    if not public_keys([entry]):
        raise ValidationError("must be a public EC key, or RSA key from 2048 bits on, with a kid")


class _Strict(Schema):
    class Meta:
        """Options of marshmallow."""

        unknown = RAISE


class _FhirServerSchema(_Strict):
    url = fields.String(required=True, validate=_https)
    open = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> tuple[str, bool]:
        return _address(data["url"]), data["open"]


class _ClientSchema(_Strict):
    name = fields.String(required=True, validate=Regexp(r"[\w.-]{1,64}\Z"))
    issuer = fields.String(required=True, validate=Length(min=1, max=512))
    jku = fields.List(fields.String(validate=_https), load_default=())
    keys = fields.List(fields.Raw(validate=_public_jwk), load_default=())
    algorithms = fields.List(
        fields.String(validate=OneOf(ALGORITHMS)),
        load_default=DEFAULT_ALGORITHMS,
        validate=Length(min=1),
    )
    tenants = fields.List(fields.String(validate=Length(min=1)), load_default=())
    services = fields.List(fields.String(), load_default=(), validate=Length(min=1))
    fhir_servers = fields.List(fields.Nested(_FhirServerSchema), load_default=())
    aliases = fields.Dict(
        keys=fields.String(validate=NoneOf(list(KEYS))),
        values=fields.String(validate=OneOf(list(KEYS))),
        load_default=dict,
        data_key="prefetch_aliases",
    )
    scope_unknown = fields.Enum(ScopeUnknown, by_value=True, load_default=None)
    shadow = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @validates_schema
    def _has_keys(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("jku") and not data.get("keys"):
            raise ValidationError("needs jku or keys", "name")


class _FileSchema(_Strict):
    client = fields.List(fields.Nested(_ClientSchema), required=True, validate=Length(min=1))


def _check_services(found: Sequence[Mapping[str, Any]], services: Collection[str]) -> None:
    for index, client in enumerate(found):
        try:
            ContainsOnly(list(services), error="use ids of {choices}")(client["services"])
        except ValidationError as error:
            raise ValidationError({"client": {index: {"services": error.messages}}}) from error


def _check_unique(found: Sequence[Mapping[str, Any]]) -> None:
    for member in ("name", "issuer"):
        seen = set()
        for index, client in enumerate(found):
            if client[member] in seen:
                told = ["is another client's too"]
                raise ValidationError({"client": {index: {member: told}}})
            seen.add(client[member])


# --- where it is ---------------------------------------------------------------------------------


def _first(messages: Mapping[Any, Any], path: Where = ()) -> tuple[Where, str]:
    """Path and text of the first of marshmallow's messages, which may be nested."""
    name, told = next(iter(messages.items()))
    where = path if name == "_schema" else (*path, name)
    return _first(told, where) if isinstance(told, Mapping) else (where, " ".join(map(str, told)))


def _said(where: Where) -> str:
    names = [f"client {part + 1}" if isinstance(part, int) else str(part) for part in where[1:3]]
    return f"{', '.join(names) or where[0]}: "


def _line(text: str, where: Where) -> int:
    """The line of a member of the nth client, or of its header; the first line for all else."""
    index, member = (*where[1:3], None, None)[:2]
    current, header = -1, 1
    for number, line in enumerate(text.splitlines(), 1):
        if _HEADER.match(line):
            current += 1
            header = number if current == index else header
        elif current == index and _names(line) == member:
            return number
    return header


def _names(line: str) -> str | None:
    found = _SUB_TABLE.match(line) or _KEY.match(line)
    return found[1] if found else ""
