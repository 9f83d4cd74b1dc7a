"""Where traces go, read from OpenTelemetry's standard variables. Pure.

What is said for traces alone comes before what is said for all signals, and what is
empty is not set. What is set and cannot be followed is an error rather than silence.

Sources: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
and https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from mnist_operator.delivery import is_web_address, show_place

__all__ = ["Collector", "read_collector"]

_ALL, _TRACES = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
_PATH = "/v1/traces"
_PROTOCOL = "http/json"
_MILLISECONDS = 10_000
_LONGEST_MILLISECONDS = 600_000
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token, as names of headers are (RFC 9110, 5.6.2)."""
_OWN = frozenset({"content-length", "content-type", "host", "transfer-encoding"})
_UNREAD = {
    "CERTIFICATE": "name the file in SSL_CERT_FILE instead",
    "CLIENT_CERTIFICATE": "sign in by a header instead",
    "CLIENT_KEY": "sign in by a header instead",
}


@dataclass(frozen=True, slots=True)
class Collector:
    """Whoever takes spans."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Some of them may sign in; never shown."""
    seconds: float = _MILLISECONDS / 1000
    """For one try."""
    resource: Mapping[str, str] = field(default_factory=dict)
    """Who tells: service.name and more."""

    @property
    def place(self) -> str:
        """Its address, for people: without a password, if there is one."""
        return show_place(self.url)


def read_collector(environ: Mapping[str, str]) -> Collector | None:
    """The collector that is asked for; None for none.

    Raises:
        ValueError: What is set cannot be followed; the message names the variable,
            and never holds a header or a password.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip()
    name, url = _find(environ, "ENDPOINT")
    if not url or exporter == "none":
        return None
    if exporter not in {"", "otlp"}:
        raise ValueError(f"OTEL_TRACES_EXPORTER must be otlp or none, not {exporter!r}")
    _refuse(environ)
    return Collector(
        url=_read_url(name, url),
        headers=_read_headers(*_find(environ, "HEADERS")),
        seconds=_read_seconds(*_find(environ, "TIMEOUT")),
        resource=_read_resource(environ),
    )


def _find(environ: Mapping[str, str], setting: str) -> tuple[str, str]:
    """A variable that is set, the traces' own first, and its value; or nothing."""
    for prefix in (_TRACES, _ALL):
        if value := environ.get(prefix + setting, "").strip():
            return prefix + setting, value
    return _ALL + setting, ""


def _refuse(environ: Mapping[str, str]) -> None:
    """What would be expected to be followed, and is not."""
    name, protocol = _find(environ, "PROTOCOL")
    if protocol not in {"", _PROTOCOL}:
        raise ValueError(
            f"{name} must be {_PROTOCOL}, which is all that is spoken here, not"
            f" {protocol!r}; a collector takes it at its port for HTTP, 4318"
        )
    name, compression = _find(environ, "COMPRESSION")
    if compression not in {"", "none"}:
        raise ValueError(f"{name} must be none, not {compression!r}")
    for setting, instead in _UNREAD.items():
        name, value = _find(environ, setting)
        if value:
            raise ValueError(f"{name} is not read here: {instead}")


def _read_url(name: str, url: str) -> str:
    """Of traces as it is; of all signals the place below which each has its own."""
    if not is_web_address(url):
        shown = url.rpartition("@")[2]  # Before it may stand a password.
        raise ValueError(
            f"{name} must be http(s)://host:port, where OTLP is taken by HTTP, not"
            f" {shown!r}; leave it out to send no traces"
        )
    parts = urlsplit(url)
    own = name.startswith(_TRACES)
    path = parts.path or "/" if own else parts.path.rstrip("/") + _PATH
    return urlunsplit(parts._replace(path=path, fragment=""))


def _read_headers(name: str, text: str) -> dict[str, str]:
    found = _read_pairs(name, text)
    for header, value in found.items():
        fits = _NAME.fullmatch(header) and header.lower() not in _OWN
        if not fits or not (value.isascii() and value.isprintable()):
            raise ValueError(f"{name} holds what no header of HTTP can: give another")
    return {header.lower(): value for header, value in found.items()}


def _read_seconds(name: str, text: str) -> float:
    if not text:
        return _MILLISECONDS / 1000
    milliseconds = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < milliseconds <= _LONGEST_MILLISECONDS:
        raise ValueError(
            f"{name} must be a number of milliseconds from 1 to"
            f" {_LONGEST_MILLISECONDS}, not {text!r}"
        )
    return milliseconds / 1000


def _read_resource(environ: Mapping[str, str]) -> dict[str, str]:
    name = "OTEL_RESOURCE_ATTRIBUTES"
    told = _read_pairs(name, environ.get(name, "").strip())
    service = environ.get("OTEL_SERVICE_NAME", "").strip()
    own = {"service.name": service} if service else {}
    return {"service.name": "mnist-operator", **told, **own}


def _read_pairs(name: str, text: str) -> dict[str, str]:
    """key=value, separated by commas, with %-codes (W3C Baggage, 3.2.1)."""
    pairs = [each.partition("=") for each in text.split(",") if each.strip()]
    try:
        found = {
            key.strip(): unquote(v.strip(), errors="strict") for key, _, v in pairs
        }
    except UnicodeDecodeError:
        found = {"": ""}
    if not all(key and equals for key, equals, _ in pairs) or not all(found):
        raise ValueError(
            f"{name} must be key=value,key=value, with commas and what is not ASCII"
            " as %-codes"
        )
    return found
