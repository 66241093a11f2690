"""What the API answers when it refuses: Kubernetes' `Status` objects.

Codes, reasons and wording follow the API server's (apimachinery `api/errors`); kubectl and
KubeSpawner read them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .resources import Resource

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Expired",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class StatusError(Exception):
    """An error response: HTTP's `code`, Kubernetes' `reason`, and `details`."""

    def __init__(
        self,
        code: int,
        message: str,
        reason: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = REASONS.get(code, "") if reason is None else reason
        self.details = details

    def body(self) -> dict[str, Any]:
        """The `Status` object that a client is sent."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


@dataclass(frozen=True)
class Cause:
    """One thing wrong with an object: `field` is its path, `reason` such as FieldValueRequired."""

    field: str
    reason: str
    message: str


def required(field: str, detail: str = "") -> Cause:
    return Cause(field, "FieldValueRequired", f"Required value{': ' + detail if detail else ''}")


def wrong(field: str, value: Any, detail: str) -> Cause:
    return Cause(field, "FieldValueInvalid", f"Invalid value: {_shown(value)}: {detail}")


def forbidden_field(field: str, detail: str) -> Cause:
    return Cause(field, "FieldValueForbidden", f"Forbidden: {detail}")


def duplicate(field: str, value: Any) -> Cause:
    return Cause(field, "FieldValueDuplicate", f"Duplicate value: {_shown(value)}")


def unsupported(field: str, value: Any, supported: Iterable[str]) -> Cause:
    known = ", ".join(f'"{word}"' for word in supported)
    message = f"Unsupported value: {_shown(value)}: supported values: {known}"
    return Cause(field, "FieldValueNotSupported", message)


def missing_object(field: str, value: Any) -> Cause:
    return Cause(field, "FieldValueNotFound", f"Not found: {_shown(value)}")


def invalid(resource: Resource, name: str, causes: Iterable[Cause]) -> StatusError:
    """Return status 422 for an invalid object, with all causes."""
    causes = list(causes)
    messages = [f"{cause.field}: {cause.message}" for cause in causes]
    text = messages[0] if len(messages) == 1 else f"[{', '.join(messages)}]"
    shown = f'{resource.qualified_kind} "{name}" is invalid: {text}'
    details = _details(resource, name) | {
        "kind": resource.kind,
        "causes": [
            {"reason": cause.reason, "message": cause.message, "field": cause.field}
            for cause in causes
        ],
    }
    return StatusError(422, shown, details=details)


def not_found(resource: Resource, name: str) -> StatusError:
    return StatusError(
        404, f'{resource.qualified} "{name}" not found', details=_details(resource, name)
    )


def already_exists(resource: Resource, name: str) -> StatusError:
    message = f'{resource.qualified} "{name}" already exists'
    return StatusError(409, message, "AlreadyExists", _details(resource, name))


def conflict(resource: Resource, name: str, why: str, kind: str = "") -> StatusError:
    """409: the object is not what the client took it for; `kind` where it is not the plural."""
    message = f'Operation cannot be fulfilled on {kind or resource.qualified} "{name}": {why}'
    details = _details(resource, name)
    return StatusError(409, message, details=details | ({"kind": kind} if kind else {}))


def stale(resource: Resource, name: str) -> StatusError:
    """409: the object has changed since the client read it."""
    why = "the object has been modified; please apply your changes to the latest version"
    return conflict(resource, name, f"{why} and try again")


def forbidden(resource: Resource, name: str, why: str, causes: Iterable[Cause] = ()) -> StatusError:
    message = f'{resource.qualified} "{name}" is forbidden: {why}'
    details = _details(resource, name)
    listed = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    return StatusError(403, message, details=details | ({"causes": listed} if listed else {}))


def invalid_option(kind: str, *causes: Cause) -> StatusError:
    """422: a parameter of the call is not valid (`kind`: ListOptions, DeleteOptions, …)."""
    message = ", ".join(f"{cause.field}: {cause.message}" for cause in causes)
    shown = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    details = {"group": "meta.k8s.io", "kind": kind, "causes": shown}
    return StatusError(422, f'{kind}.meta.k8s.io "" is invalid: {message}', details=details)


def bad_request(message: str) -> StatusError:
    return StatusError(400, message)


def too_old(requested: int, oldest: int) -> StatusError:
    """410: changes since `asked` are forgotten; `oldest` is what is still remembered."""
    return StatusError(410, f"too old resource version: {requested} ({oldest})")


def too_new(requested: int, current: int) -> StatusError:
    """Return status 504 for a resource version that does not exist yet."""
    message = f"Timeout: Too large resource version: {requested}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return StatusError(504, message, details={"causes": [cause], "retryAfterSeconds": 1})


def _details(resource: Resource, name: str) -> dict[str, Any]:
    group = {"group": resource.group} if resource.group else {}
    return ({"name": name} if name else {}) | group | {"kind": resource.plural}


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
