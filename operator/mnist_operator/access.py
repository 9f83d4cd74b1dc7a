"""Who we are towards Pachyderm: endpoints and Secret of one training, resolved.

A Secret is read when it is first needed, again after a minute, and at once after
Pachyderm refused its token, or had a certificate that its CA did not sign: rotating
either needs no restart.
"""

import ssl
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from heapq import nlargest
from urllib.parse import urlsplit

from mnist_operator.errors import DeniedError, InvalidSpecError, UpstreamError
from mnist_operator.foreign import plain
from mnist_operator.kube import Kube
from mnist_operator.pachyderm import Connection, Connections, Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.settings import Settings
from mnist_operator.tfjob import Endpoint

__all__ = ["Access", "Door"]

_SECRET_SECONDS = 60.0
_REFRESHED = 20
"""Secrets read again at once, at most."""
_NAMES_SHOWN, _NAME_LIMIT = 5, 63
"""Keys of a Secret that are named, and how much of each name."""
_TOKEN, _TRAINER_TOKEN, _CA = "token", "trainer-token", "ca.crt"


@dataclass(frozen=True, slots=True)
class Door:
    """An open way to Pachyderm, for us and for the trainer's pod."""

    client: Pachyderm
    endpoint: Endpoint
    glance: Pachyderm | None = None
    """For a first look, which only finds whether anything is to be done."""


class Access:
    """Opens doors, one for each connection, however many trainings use it."""

    def __init__(
        self,
        kube: Kube,
        connections: Connections,
        settings: Settings,
        clock: Callable[[], float],
    ) -> None:
        self._kube = kube
        self._connections = connections
        self._settings = settings
        self._clock = clock
        self._secrets: dict[tuple[str, str], tuple[float, dict[str, bytes]]] = {}

    async def open(self, training: MnistTraining) -> Door:
        """The client and the trainer's endpoint of a training.

        Raises:
            InvalidSpecError: The Secret is missing, or has nothing of use.
        """
        reference = training.spec.pachyderm.secret_ref
        name = reference.name if reference else ""
        secret = await self._secret(training.namespace, name) if name else {}
        ca = secret.get(_CA)
        token = secret.get(_TOKEN, b"").decode(errors="replace").strip()
        connection = Connection(
            address=training.spec.pachyderm.address or self._settings.pachd_address,
            token=token or None,
            root_certificates=ca,
            tls=ca is not None,
        )
        client = await self._connections.get(connection)
        endpoint = self._endpoint(training, name, secret)
        return Door(client, endpoint, self._connections.glance(client))

    def forget(self, training: MnistTraining) -> str:
        """Read the Secret anew next time, for it was of no use; return its name."""
        reference = training.spec.pachyderm.secret_ref
        if reference is None:
            return ""
        self._secrets.pop((training.namespace, reference.name), None)
        return f"{training.namespace}/{reference.name}"

    async def refresh(self, used: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Read some of the Secrets in use again; returns those that have changed.

        A few at a time, in turn, so that it costs little however many there are.
        """
        now = self._clock()
        self._secrets = {k: known for k, known in self._secrets.items() if k in used}
        ages = {key: now - at for key, (at, _) in self._secrets.items()}
        due = [key for key, age in ages.items() if age >= _SECRET_SECONDS]
        changed: set[tuple[str, str]] = set()
        for key in nlargest(_REFRESHED, due, key=ages.__getitem__):
            _, known = self._secrets[key]
            with suppress(UpstreamError):  # No answer says nothing.
                if await self._find(*key) == known:
                    self._secrets[key] = now, known
                else:
                    self._secrets.pop(key, None)
                    changed.add(key)
        return changed

    async def _find(self, namespace: str, name: str) -> dict[str, bytes] | None:
        """The Secret; None also where it may not be read any more, or cannot."""
        try:
            return await self._kube.read_secret(namespace, name)
        except (DeniedError, InvalidSpecError):
            return None

    async def _secret(self, namespace: str, name: str) -> dict[str, bytes]:
        known = self._secrets.get((namespace, name))
        if known is not None and self._clock() - known[0] < _SECRET_SECONDS:
            return known[1]
        found = await self._read(namespace, name)
        if found is None or not (found.get(_TOKEN, b"").strip() or _CA in found):
            missing = _say_missing(found)
            message = f"spec.pachyderm.secretRef.name: Secret {namespace}/{name}"
            raise InvalidSpecError(f"{message} {missing}")
        _check_ca(namespace, name, found.get(_CA))
        self._secrets[namespace, name] = (self._clock(), found)
        return found

    async def _read(self, namespace: str, name: str) -> dict[str, bytes] | None:
        try:
            return await self._kube.read_secret(namespace, name)
        except DeniedError as error:
            message = (
                f"spec.pachyderm.secretRef.name: Secret {namespace}/{name} may not be"
                " read; bind ClusterRole mnist-operator-secrets in that namespace to"
                f" the operator ({error.detail})."
            )
            raise InvalidSpecError(message) from error

    def _endpoint(
        self, training: MnistTraining, name: str, secret: dict[str, bytes]
    ) -> Endpoint:
        address = training.spec.pachyderm.s3_endpoint or self._settings.s3_endpoint
        scheme, separator, _ = address.partition("://")
        host = urlsplit(address if separator else f"//{address}").netloc
        known = not separator or scheme in {"http", "https"}
        if not host or "@" in host or not known:
            shown = address.rpartition("@")[2]  # Before it may stand a password.
            message = (
                f"spec.pachyderm.s3Endpoint: {shown!r} cannot be used; write"
                " host:port or http(s)://host:port."
            )
            raise InvalidSpecError(message)
        keys = (key for key in (_TRAINER_TOKEN, _TOKEN) if key in secret)
        return Endpoint(
            host=host,
            https=scheme == "https" if separator else _CA in secret,
            secret=name,
            token_key=next(keys, ""),
            has_ca=_CA in secret,
        )


def _say_missing(found: Mapping[str, bytes] | None) -> str:
    """What a Secret lacks; the names of its keys are none, their values are."""
    if found is None:
        return f"does not exist; create it with key {_TOKEN} holding a Pachyderm token."
    if _TOKEN in found:
        return f"is there, and its key {_TOKEN} is empty: put a Pachyderm token there."
    names = [plain(each, _NAME_LIMIT) for each in sorted(found)]
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = ", …" if len(names) > _NAMES_SHOWN else ""
    has = f"with key {shown}{more} alone" if names else "and empty"
    return (
        f"is there, {has}: add key {_TOKEN} with a Pachyderm token (or {_CA}, where"
        " authentication is off)."
    )


def _check_ca(namespace: str, name: str, content: bytes | None) -> None:
    """Say here that it is none: gRPC would only find that nobody is trusted."""
    if content is None:
        return
    try:
        # A comment between certificates may be in any language.
        ssl.create_default_context(cadata=content.decode("ascii", errors="ignore"))
    except (ssl.SSLError, ValueError) as error:
        message = (
            f"spec.pachyderm.secretRef.name: key {_CA} of Secret {namespace}/{name}"
            " holds no certificate; put the authority's there, in PEM"
            " (-----BEGIN CERTIFICATE-----)."
        )
        raise InvalidSpecError(message) from error
