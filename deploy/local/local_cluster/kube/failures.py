"""The API's refusals, word for word as kubectl prints them: `Status` documents."""

from collections.abc import Iterable
from dataclasses import dataclass

from local_cluster.kube.values import Json

__all__ = [
    "ApiError",
    "Cause",
    "already_exists",
    "bad_request",
    "conflict",
    "denied",
    "expired",
    "forbidden",
    "invalid",
    "method_not_allowed",
    "not_acceptable",
    "not_found",
    "success",
    "unmet",
    "unsupported_media_type",
]


@dataclass(frozen=True, slots=True)
class Cause:
    """One field at fault."""

    field: str
    message: str
    reason: str = "FieldValueInvalid"

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class ApiError(Exception):
    """An answer other than success, as the client gets it."""

    def __init__(
        self, code: int, reason: str, message: str, details: Json | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def body(self) -> Json:
        """Build the `Status` document."""
        status: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }
        if self.details:
            status["details"] = self.details
        return status


def success(name: str, group: str, plural: str, uid: str) -> Json:
    """Build the `Status` that answers a finished deletion."""
    details = {"name": name, "group": group, "kind": plural, "uid": uid}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {key: value for key, value in details.items() if value},
    }


def _details(group: str, kind: str, name: str = "") -> Json:
    found = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in found.items() if value}


def _qualified(group: str, plural: str) -> str:
    return f"{plural}.{group}" if group else plural


def not_found(group: str, plural: str, name: str) -> ApiError:
    """Answer for an object that is not there."""
    message = f'{_qualified(group, plural)} "{name}" not found'
    return ApiError(404, "NotFound", message, _details(group, plural, name))


def already_exists(group: str, plural: str, name: str) -> ApiError:
    """Answer for a name that is taken."""
    message = f'{_qualified(group, plural)} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, _details(group, plural, name))


def conflict(group: str, plural: str, name: str, why: str = "") -> ApiError:
    """Answer for a write based on an object that has changed since."""
    why = why or (
        "the object has been modified; please apply your changes to the latest "
        "version and try again"
    )
    message = (
        f'Operation cannot be fulfilled on {_qualified(group, plural)} "{name}": {why}'
    )
    return ApiError(409, "Conflict", message, _details(group, plural, name))


def unmet(group: str, kind: str, name: str, why: str) -> ApiError:
    """Answer for a precondition that does not hold; it names the kind, as no other."""
    subject = f"{kind}.{group}" if group else kind
    message = f'Operation cannot be fulfilled on {subject} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(group, kind, name))


def forbidden(group: str, plural: str, name: str, why: str) -> ApiError:
    """Answer for what admission does not let through."""
    message = f'{_qualified(group, plural)} "{name}" is forbidden: {why}'
    return ApiError(403, "Forbidden", message, _details(group, plural, name))


def denied(message: str) -> ApiError:
    """Answer for what an admission webhook refuses."""
    return ApiError(403, "Forbidden", message)


def invalid(group: str, kind: str, name: str, causes: Iterable[Cause]) -> ApiError:
    """Answer for an object that breaks its schema or its rules."""
    causes = list(causes)
    told = ", ".join(map(str, causes))
    told = f"[{told}]" if len(causes) > 1 else told
    details = _details(group, kind, name)
    details["causes"] = [
        {"reason": cause.reason, "message": cause.message, "field": cause.field}
        for cause in causes
    ]
    subject = f"{kind}.{group}" if group else kind
    message = f'{subject} "{name}" is invalid: {told}'
    return ApiError(422, "Invalid", message, details)


def bad_request(message: str) -> ApiError:
    """Answer for a request that cannot be read."""
    return ApiError(400, "BadRequest", message)


def expired(message: str) -> ApiError:
    """Answer for a resource version or a page that is no longer kept."""
    return ApiError(410, "Expired", message)


def method_not_allowed() -> ApiError:
    """Answer for a verb that the resource does not have."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message)


def not_acceptable() -> ApiError:
    """Answer for a client that only reads what is not written here."""
    message = (
        "only the following media types are accepted: application/json, "
        "application/yaml"
    )
    return ApiError(406, "NotAcceptable", message)


def unsupported_media_type(accepted: Iterable[str]) -> ApiError:
    """Answer for a body in a format that is not read here."""
    message = (
        "the body of the request was in an unknown format - accepted media types "
        f"include: {', '.join(accepted)}"
    )
    return ApiError(415, "UnsupportedMediaType", message)
