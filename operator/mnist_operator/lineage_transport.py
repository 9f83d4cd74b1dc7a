"""Where OpenLineage events go, read from the standard variables. Pure.

A subset of what OpenLineage's Python client reads, and read as it does: the dynamic
variables (OPENLINEAGE__TRANSPORT__…) come before the simple ones. What is set and
cannot be followed is an error rather than silence.

Source: https://openlineage.io/docs/client/python/configuration
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from mnist_operator.delivery import is_web_address, show_place

__all__ = ["Transport", "read_transport"]

_ENDPOINT = "api/v1/lineage"
_TYPE = "OPENLINEAGE__TRANSPORT__TYPE"
_AUTH_TYPE = "OPENLINEAGE__TRANSPORT__AUTH__TYPE"
_URLS = ("OPENLINEAGE__TRANSPORT__URL", "OPENLINEAGE_URL")
_ENDPOINTS = ("OPENLINEAGE__TRANSPORT__ENDPOINT", "OPENLINEAGE_ENDPOINT")
_KEYS = (
    "OPENLINEAGE__TRANSPORT__AUTH__API_KEY",
    "OPENLINEAGE__TRANSPORT__AUTH__APIKEY",
    "OPENLINEAGE_API_KEY",
)
_WHOLE = {
    "OPENLINEAGE_CONFIG": "OPENLINEAGE_URL",
    "OPENLINEAGE__TRANSPORT": _URLS[0],
    "OPENLINEAGE__TRANSPORT__AUTH": _KEYS[0],
}
"""What holds a configuration as a file or as JSON, and what to set instead."""


@dataclass(frozen=True, slots=True)
class Transport:
    """A backend."""

    url: str = ""
    """Where events are POSTed; empty: they are written to the log."""
    api_key: str = field(default="", repr=False)
    """Sent as a bearer token; never shown."""
    namespace: str = ""
    """Of all trainings; empty: each is in Kubernetes' own."""

    @property
    def place(self) -> str:
        """The backend's address, for people: without a password, if there is one."""
        return show_place(self.url)


def read_transport(environ: Mapping[str, str]) -> Transport | None:
    """The backend that is asked for; None for none.

    Raises:
        ValueError: What is set cannot be followed; the message names the variable,
            and never holds a key or a password.
    """
    if environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return None
    for name, instead in _WHOLE.items():
        if environ.get(name):
            raise ValueError(f"{name} is not read here: set {instead} and the like")
    kind = environ.get(_TYPE, "").strip().lower()
    namespace = environ.get("OPENLINEAGE_NAMESPACE", "").strip()
    if kind == "console":
        return Transport(namespace=namespace)
    if kind not in {"", "http"}:
        raise ValueError(f"{_TYPE} must be http or console, not {kind!r}")
    if not kind and not _first(environ, _URLS)[1]:
        return None
    return Transport(_read_url(environ), _read_key(environ), namespace)


def _read_url(environ: Mapping[str, str]) -> str:
    name, url = _first(environ, _URLS)
    if not is_web_address(url):
        shown = url.rpartition("@")[2]  # Before it may stand a password.
        raise ValueError(
            f"{name} must be http(s)://host:port, where OpenLineage events are"
            f" taken, not {shown!r}; leave it out to send none"
        )
    _, endpoint = _first(environ, _ENDPOINTS)
    return urljoin(url, endpoint or _ENDPOINT)


def _read_key(environ: Mapping[str, str]) -> str:
    kind = environ.get(_AUTH_TYPE, "api_key").strip().lower()
    if kind != "api_key":
        raise ValueError(f"{_AUTH_TYPE} must be api_key, not {kind!r}")
    name, key = _first(environ, _KEYS)
    if not (key.isascii() and key.isprintable()):
        raise ValueError(f"{name} holds what no header of HTTP can: give another key")
    return key


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, str]:
    """The first variable that is set, else the last one, which is the simple one."""
    for name in names:
        if value := environ.get(name, "").strip():
            return name, value
    return names[-1], ""
