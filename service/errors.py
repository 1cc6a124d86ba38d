"""Failures as HTTP: exception class to status and OperationOutcome; nothing else does this."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from service.log import Event, write
from service.messages import json_response

_SERVER_ERROR = 500


class Problem(NamedTuple):
    """One issue of an OperationOutcome; `code` is of FHIR's issue types."""

    code: str
    diagnostics: str


class CdsError(Exception):
    """A call that cannot be answered with cards; texts are for the integrator, without values."""

    status = _SERVER_ERROR
    code = "exception"
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *problems: str | Problem) -> None:
        """Keep the problems; a text alone gets the issue code of its class."""
        super().__init__(*problems)
        self.problems = tuple(
            Problem(self.code, problem) if isinstance(problem, str) else problem
            for problem in problems
        )


class BadRequest(CdsError):  # noqa: N818 - the names of HTTP
    """The request breaks JSON, CDS Hooks or FHIR."""

    status = 400
    code = "invalid"


class Unauthorized(CdsError):  # noqa: N818 - as above
    """It is not known who calls; the answer is the same whatever is wrong (JWT-17)."""

    status = 401
    code = "login"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}

    def __init__(self) -> None:
        """Say that a token is needed."""
        super().__init__("a valid bearer token of a registered client is needed")


class Forbidden(CdsError):  # noqa: N818 - as above
    """It is known who calls, and it may not."""

    status = 403
    code = "forbidden"

    def __init__(self) -> None:
        """Say no more than that."""
        super().__init__("this client may not use this service")


class MissingData(CdsError):  # noqa: N818 - as above
    """Whether the patient is in scope could not be read (PREF-15)."""

    status = 412
    code = "required"


class Unprocessable(CdsError):  # noqa: N818 - as above
    """Well-formed, but not of one patient (PREF-17)."""

    status = 422
    code = "business-rule"


class Unavailable(CdsError):  # noqa: N818 - as above
    """Something other than FHIR data failed or took too long."""

    status = 503
    code = "transient"


class NotStored(CdsError):  # noqa: N818 - as above
    """What was sent could not be kept, so it must be sent again."""

    status = 500
    code = "no-store"


_HTTP_PROBLEMS = {
    404: Problem("not-found", "no such page or service here"),
    405: Problem("not-supported", "this verb is not served here; see Allow"),
    413: Problem("too-long", "the request is larger than this service accepts"),
    415: Problem("not-supported", "send application/json, without content coding"),
}
_HTTP_OTHER = Problem("processing", "the request could not be processed")
_INTERNAL = Problem("exception", "the service failed; no guidance was computed")


def outcome(problems: Iterable[Problem]) -> dict[str, Any]:
    """OperationOutcome with one error per problem."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": "error", "code": code, "diagnostics": diagnostics}
            for code, diagnostics in problems
        ],
    }


def register(app: Flask) -> None:
    """Answer every failure of `app` with its status and an OperationOutcome."""
    app.register_error_handler(CdsError, _refused)
    app.register_error_handler(HTTPException, _http_refused)
    app.register_error_handler(Exception, _failed)


def _refused(error: CdsError) -> Response:
    level = logging.ERROR if error.status >= _SERVER_ERROR else logging.WARNING
    codes = tuple(sorted({problem.code for problem in error.problems}))
    write(Event.CALL_REFUSED, level, status=error.status, codes=codes, **g.get("call", {}))
    response = json_response(outcome(error.problems), error.status)
    response.headers.extend(error.headers)
    return response


def _http_refused(error: HTTPException) -> Response:
    status = error.code or _SERVER_ERROR
    problem = _HTTP_PROBLEMS.get(status, _HTTP_OTHER)
    write(
        Event.CALL_REFUSED,
        logging.WARNING,
        status=status,
        codes=(problem.code,),
        **g.get("call", {}),
    )
    response = json_response(outcome([problem]), status)
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name != "Content-Type"
    )
    return response


def _failed(error: Exception) -> Response:
    """The only place that takes any exception: 500, with a trace that holds no data."""
    write(
        Event.CALL_FAILED,
        logging.CRITICAL,
        status=_SERVER_ERROR,
        error=tuple(names(error)),
        frames=tuple(frames(error)),
        **g.get("call", {}),
    )
    return json_response(outcome([_INTERNAL]), _SERVER_ERROR)


def names(error: BaseException | None) -> Iterable[str]:
    """Class names of an exception and its causes; messages are left out, they may hold values."""
    while error is not None:
        yield type(error).__qualname__
        error = error.__cause__ or error.__context__


def frames(error: BaseException | None) -> Iterable[str]:
    """Where it was raised, innermost last: file, line and function."""
    for frame in traceback.extract_tb(error.__traceback__ if error else None):
        yield f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
