"""The S3 gateway's answers: XML documents, and errors with their S3 codes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from aiohttp import web

__all__ = [
    "S3Error",
    "Xml",
    "document",
    "element",
    "internal_error",
    "invalid_path",
    "iso_time",
    "no_such_bucket",
    "no_such_key",
    "owner",
]

_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_NO_TIME = "0001-01-01T00:00:00Z"


class S3Error(Exception):
    """A refusal, as it travels to an S3 client."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self, request: web.Request) -> web.Response:
        """Return this as the answer to a request."""
        if request.method == "HEAD":
            return web.Response(status=self.status)
        body = element(
            "Error",
            element("Code", self.code),
            element("Message", self.message),
            element("Resource", request.path),
        )
        return document(body, status=self.status)


def no_such_bucket() -> S3Error:
    """Return the refusal for a bucket whose repo or branch is not there."""
    return S3Error(404, "NoSuchBucket", "The specified bucket does not exist.")


def no_such_key() -> S3Error:
    """Return the refusal for a file that is not there."""
    return S3Error(404, "NoSuchKey", "The specified key does not exist.")


def invalid_path() -> S3Error:
    """Return the refusal of a key that cannot be a path in Pachyderm."""
    return S3Error(400, "InvalidFilePath", "Invalid file path")


def internal_error(message: str) -> S3Error:
    """Return what the gateway makes of everything it did not expect."""
    return S3Error(500, "InternalError", message)


class Xml(str):
    """Text that is XML already."""

    __slots__ = ()


def element(name: str, *content: str | int) -> Xml:
    """Return an element; content that is not XML yet is escaped."""
    inside = "".join(c if isinstance(c, Xml) else escape(str(c)) for c in content)
    return Xml(f"<{name}>{inside}</{name}>")


def document(
    root: Xml, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> web.Response:
    """Return an XML document as an answer; only errors are in no namespace."""
    if not root.startswith("<Error>"):
        root = Xml(root.replace(">", f" {_NAMESPACE}>", 1))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{root}'
    response = web.Response(
        status=status, body=text.encode(), content_type="application/xml"
    )
    response.headers.update(dict(headers))
    return response


def iso_time(nanoseconds: int | None) -> str:
    """Return a point in time as S3 listings spell it."""
    if nanoseconds is None:
        return _NO_TIME
    moment = datetime.fromtimestamp(nanoseconds / 1e9, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def owner() -> Xml:
    """Return the owner of everything."""
    return element(
        "Owner", element("ID", "0" * 32), element("DisplayName", "pachyderm")
    )
