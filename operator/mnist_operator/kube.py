"""The API server, as little of it as the operator needs; the only such module.

Objects go in and out as plain JSON: the generated models of the client library
would be validated twice and know no TFJob. What every call does for all of them:
a deadline, and an error that says who must act.
"""

import base64
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from kubernetes.aio import client, config
from kubernetes.aio.client.rest import RESTResponse

from mnist_operator.clock import ServerClock
from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    InvalidSpecError,
    NotFoundError,
    RefusedError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.resource import GROUP, PLURAL, VERSION
from mnist_operator.tfjob import TFJOB_GROUP, TFJOB_PLURAL, TFJOB_VERSION

__all__ = ["Credentials", "Kube", "connect"]

_DEADLINE = aiohttp.ClientTimeout(30.0)
# A watch is begun anew each minute: that is how a dead one is found.
_WATCH = {"watch": "true", "timeoutSeconds": "60"}
_WATCH_DEADLINE = aiohttp.ClientTimeout(75.0)
_MERGE_PATCH = "application/merge-patch+json"
_FAILURES: Mapping[int, type[UpstreamError]] = {
    400: RefusedError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: RefusedError,
}
_DENIED = "denied the request"  # An admission webhook did, mostly with a 403.
_FIRST_ERROR = 400
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How another client of this process reaches the same API server."""

    server: str
    token: str | None = field(repr=False)
    ca_path: str | None
    certificate_path: str | None
    key_path: str | None
    insecure: bool


async def connect(kubeconfig: Path | None, context: str | None = None) -> "Kube":
    """Open a client: this kubeconfig, else the pod's own ServiceAccount.

    Raises a ValueError that says why that cannot be used.
    """
    settings, namespace = client.Configuration(), ""
    try:
        if kubeconfig is None:
            config.load_incluster_config(client_configuration=settings)
        else:
            loader = await config.load_kube_config(str(kubeconfig), context, settings)
            namespace = loader.current_context["context"].get("namespace") or ""
        return Kube(client.ApiClient(settings), namespace)
    except (config.ConfigException, OSError, TypeError, yaml.YAMLError) as error:
        raise ValueError(str(error) or type(error).__name__) from error


class Kube:
    """Reads and writes the few kinds that a training consists of."""

    def __init__(self, api: client.ApiClient, namespace: str = "") -> None:
        self._api = api
        self.namespace = namespace or "default"
        """The kubeconfig's own; for those who name none."""
        self.clock = ServerClock(lambda: datetime.now(UTC))

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def credentials(self) -> Credentials:
        """What we use ourselves; a token that is due is read anew."""
        settings = self._api.configuration
        header = await settings.get_api_key_with_prefix("BearerToken")
        return Credentials(
            server=settings.host,
            token=header.split()[-1] if header else None,
            ca_path=settings.ssl_ca_cert,
            certificate_path=settings.cert_file,
            key_path=settings.key_file,
            insecure=not settings.verify_ssl,
        )

    async def get_training(self, namespace: str, name: str) -> Body | None:
        """One MnistTraining; None when it is gone."""
        return await self._find(_trainings(namespace, name))

    async def list_trainings(self, namespace: str = "") -> list[Body]:
        """MnistTrainings. Raises NotFoundError where none are served."""
        return await self._list(_trainings(namespace), {})

    async def watch_training(self, namespace: str, name: str) -> AsyncGenerator[Body]:
        """Watch one MnistTraining: as it is now, then each change, about a minute."""
        path = _trainings(namespace)
        # No resourceVersion: one of a quiet object would soon be too old (410).
        query = _WATCH | {"fieldSelector": f"metadata.name={name}"}
        with _reaching(f"WATCH {path}"):
            sent = await self._send("GET", path, query=query, timeout=_WATCH_DEADLINE)
            with closing(sent.response) as response:
                if response.status >= _FIRST_ERROR:
                    _refuse(response.status, f"WATCH {path}", await response.read())
                async for line in response.content:
                    yield json.loads(line)

    async def patch_status(self, namespace: str, name: str, status: Body) -> None:
        """Replace the status; a training that is gone needs none.

        Merge patches keep what they do not name, so what has become empty must be
        named: `status` comes with every field that was set before.
        """
        path = f"{_trainings(namespace, name)}/status"
        try:
            await self._call("PATCH", path, {"status": status}, kind=_MERGE_PATCH)
        except NotFoundError:
            return

    async def list_jobs(self, namespace: str, selector: str) -> list[Body]:
        """TFJobs by label. Raises NotFoundError where no TFJobs are served."""
        return await self._list(_jobs(namespace), {"labelSelector": selector})

    async def create_job(self, namespace: str, body: Body) -> bool:
        """Create a TFJob; False when one of that name exists.

        Raises:
            InvalidSpecError: The API server accepts no such object, ever.
        """
        try:
            query = {"fieldValidation": "Strict"}
            await self._call("POST", _jobs(namespace), body, query=query)
        except ConflictError:
            return False
        except RefusedError as error:
            told = f"Kubernetes takes no such TFJob: {error.detail}"
            raise InvalidSpecError(f"{told}; change spec.trainer") from error
        return True

    async def delete_job(self, namespace: str, name: str) -> None:
        """Delete a TFJob and, in the background, its pods; gone is fine."""
        try:
            await self._call(
                "DELETE",
                f"{_jobs(namespace)}/{name}",
                {"propagationPolicy": "Background"},
            )
        except NotFoundError:
            return

    async def set_owners(self, namespace: str, name: str, owners: list[Body]) -> None:
        """Say with which objects a TFJob goes; one that is gone needs none."""
        patch = {"metadata": {"ownerReferences": owners}}
        try:
            path = f"{_jobs(namespace)}/{name}"
            await self._call("PATCH", path, patch, kind=_MERGE_PATCH)
        except NotFoundError:
            return

    async def list_pods(self, namespace: str, selector: str) -> list[Body]:
        """Pods by label."""
        path = f"/api/v1/namespaces/{namespace}/pods"
        return await self._list(path, {"labelSelector": selector})

    async def list_events(self, namespace: str, name: str) -> list[Body]:
        """Events about the object of this name."""
        path = f"/api/v1/namespaces/{namespace}/events"
        return await self._list(path, {"fieldSelector": f"involvedObject.name={name}"})

    async def read_log(
        self, namespace: str, pod: str, container: str, *, limit: int
    ) -> bytes:
        """The last `limit` lines of a container's log; empty when it is gone."""
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        query = {"container": container, "tailLines": str(limit)}
        try:
            return await self._call("GET", path, query=query)
        except UpstreamError:
            return b""  # A pod that never ran has none: 400 from a real server.

    async def read_secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        """The decoded values of a Secret; None when there is none."""
        found = await self._find(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        if found is None:
            return None
        data = found.get("data") or {}
        return {key: base64.b64decode(value) for key, value in data.items()}

    async def create_event(self, namespace: str, body: Body) -> None:
        """Post an Event once: its name is made of what it tells."""
        try:
            await self._call("POST", f"/api/v1/namespaces/{namespace}/events", body)
        except ConflictError:
            return

    async def _find(self, path: str) -> Body | None:
        try:
            found: Body = json.loads(await self._call("GET", path))
        except NotFoundError:
            return None
        return found

    async def _list(self, path: str, query: Mapping[str, str]) -> list[Body]:
        found = json.loads(await self._call("GET", path, query=query))
        return list(found["items"])

    async def _call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        query: Mapping[str, str] | None = None,
        kind: str = "application/json",
    ) -> bytes:
        """One request. Raises an UpstreamError for any answer but success."""
        call = f"{method} {path}"
        with _reaching(call):
            response = await self._send(method, path, body, query=query, kind=kind)
            content = bytes(await response.read())
        if response.status >= _FIRST_ERROR:
            _refuse(response.status, call, content)
        return content

    async def _send(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        query: Mapping[str, str] | None = None,
        kind: str = "application/json",
        timeout: aiohttp.ClientTimeout = _DEADLINE,
    ) -> RESTResponse:
        headers = {"Accept": "application/json, */*", "Content-Type": kind}
        serialized = await self._api.param_serialize(
            method,
            path,
            query_params=list((query or {}).items()),
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
        )
        answer = await self._api.call_api(*serialized, _request_timeout=timeout)
        self.clock.hear(answer.headers.get("Date"))
        return answer


@contextmanager
def _reaching(call: str) -> Iterator[None]:
    try:
        yield
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        detail = str(error) or type(error).__name__
        raise UnreachableError("kubernetes", call, detail) from error


def _refuse(status: int, call: str, content: bytes) -> None:
    detail = _message(content) or f"HTTP {status}"
    kind = RefusedError if _DENIED in detail else _FAILURES.get(status, UpstreamError)
    raise kind("kubernetes", call, detail)


def _message(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"])[:500]
    except (ValueError, KeyError, TypeError):
        return content[:200].decode(errors="replace").strip()


def _trainings(namespace: str, name: str = "") -> str:
    where = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{GROUP}/{VERSION}{where}/{PLURAL}{'/' if name else ''}{name}"


def _jobs(namespace: str) -> str:
    return f"/apis/{TFJOB_GROUP}/{TFJOB_VERSION}/namespaces/{namespace}/{TFJOB_PLURAL}"
