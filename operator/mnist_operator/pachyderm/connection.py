"""Where a pachd is, and what opens its door.

A connection is a value: two trainings with equal ones share a channel and a
feed. Nothing here ever shows the token: it stays out of ``repr``, and so out of
logs, errors and status.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mnist_operator.errors import InvalidSpecError

__all__ = ["Connection", "Target"]

# What pachctl takes where an address has no port.
_DEFAULT_PORTS = {"grpc": 30650, "grpcs": 30650, "http": 80, "https": 443}
_SECURE = frozenset({"grpcs", "https"})


@dataclass(frozen=True, slots=True)
class Target:
    """What gRPC needs to dial."""

    authority: str
    secure: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """One pachd as one user sees it."""

    address: str
    """``host:port``, or a URL with grpc, grpcs, http or https and no path."""

    token: str | None = field(default=None, repr=False)
    """The Pachyderm token; None where auth is off."""

    root_certificates: bytes | None = field(default=None, repr=False)
    """PEM of the CA to trust; None means the public ones."""

    tls: bool = False
    """Encrypt although the address names no scheme that says so."""

    @property
    def target(self) -> Target:
        """The address, taken apart.

        Raises:
            InvalidSpecError: The address cannot be dialled.
        """
        scheme, separator, rest = self.address.partition("://")
        if not separator:
            scheme, rest = "grpc", self.address
        if scheme not in _DEFAULT_PORTS:
            raise self._invalid("its scheme is none of grpc, grpcs, http, https")
        secure = scheme in _SECURE or (self.tls and not separator)
        return Target(self._authority(rest, _DEFAULT_PORTS[scheme]), secure)

    def _authority(self, rest: str, default_port: int) -> str:
        try:
            parts = urlsplit(f"//{rest}")
            host, port = parts.hostname, parts.port or default_port
        except ValueError:
            raise self._invalid("its port is no number up to 65535") from None
        if not host or parts.path.strip("/") or parts.query or parts.username:
            raise self._invalid("it is not host:port")
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def _invalid(self, why: str) -> InvalidSpecError:
        # Before an @ stands a user, perhaps with a password.
        shown = self.address.rpartition("@")[2]
        return InvalidSpecError(
            f"spec.pachyderm.address: {shown!r} cannot be used: {why}; "
            "write host:port or grpcs://host:port"
        )
