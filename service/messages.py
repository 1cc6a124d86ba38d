"""JSON in and out over HTTP: strict, bounded, and read only as deep as it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Request, Response
from werkzeug.exceptions import UnsupportedMediaType

JSON = "application/json"
_MOST_MEMBERS = 1000
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class NotJson(ValueError):  # noqa: N818 - a finding, caught close by
    """Bytes that are no JSON object; the text says why, without their content."""


def json_response(content: Any, status: int = 200) -> Response:
    """Response with `content` as JSON."""
    return Response(_ENCODER.encode(content), status, mimetype=JSON)


def read_body(request: Request) -> Mapping[str, msgspec.Raw]:
    """Members of the JSON object that was sent, each still undecoded; of equal names the last.

    Raises:
        UnsupportedMediaType: not `application/json` (any parameters, any case), or compressed.
        RequestEntityTooLarge: larger than the limit of the application.
        NotJson: not one strict JSON object in UTF-8, or nested too deep to read.
    """
    if (
        request.mimetype != JSON
        or request.headers.get("Content-Encoding", "identity") != "identity"
    ):
        raise UnsupportedMediaType
    return members(request.get_data(cache=False))


def members(body: bytes | msgspec.Raw) -> Mapping[str, msgspec.Raw]:
    """Members of a JSON object, undecoded; syntax is checked throughout, numbers are not read.

    Raises:
        NotJson: see `read_body`; or it has more members than anybody needs.
    """
    found = _members(body)
    if len(found) > _MOST_MEMBERS:
        raise NotJson(f"an object of more than {_MOST_MEMBERS} members")
    return found


def _members(body: bytes | msgspec.Raw) -> Mapping[str, msgspec.Raw]:
    try:
        if isinstance(body, bytes) and not body.isascii():
            body.decode()
        return _OBJECT.decode(body)
    except UnicodeDecodeError as error:
        raise NotJson("not UTF-8") from error
    except RecursionError as error:
        raise NotJson("nested too deep") from error
    except msgspec.ValidationError as error:
        raise NotJson("not a JSON object") from error
    except msgspec.DecodeError as error:
        raise NotJson(str(error)) from error


def value(raw: msgspec.Raw) -> Any:
    """The value of one member.

    Raises:
        NotJson: it holds a number beyond what can be represented.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.ValidationError, RecursionError) as error:
        raise NotJson("holds a value that cannot be represented") from error
