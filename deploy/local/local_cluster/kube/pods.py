"""What pods have besides themselves: logs from their node, binding, eviction."""

from typing import Any

import aiohttp
from aiohttp import web

from local_cluster.kube.api import Api
from local_cluster.kube.failures import ApiError, bad_request, conflict
from local_cluster.kube.rendering import answer
from local_cluster.kube.requests import Deletion, Target
from local_cluster.kube.values import Json, dig, meta, stamp

__all__ = ["Pods"]

_LOG_OPTIONS = (
    "follow", "tailLines", "limitBytes", "timestamps", "sinceSeconds", "sinceTime",
)  # fmt: skip


class Pods:
    """The subresources that do something else than show part of the pod."""

    doors = frozenset({"log", "binding", "eviction"})

    def __init__(self, api: Api) -> None:
        self._api = api

    async def serve(
        self, request: web.Request, target: Target, body: Any
    ) -> web.StreamResponse:
        """Answer a request for one of the doors."""
        pod = self._api.get(target)
        match target.subresource:
            case "binding":
                return self._bind(target, pod, body)
            case "eviction":
                options = Deletion.read({}, (body or {}).get("deleteOptions"))
                self._api.deleter.delete(target, options)
                return answer(_done(), 201)
            case _:
                return await self._log(request, pod)

    def _bind(self, target: Target, pod: Json, body: Any) -> web.Response:
        if dig(pod, "spec", "nodeName"):
            why = f"pod {target.name} is already assigned to node"
            raise conflict("", "pods/binding", target.name, why)
        spec = {**pod["spec"], "nodeName": dig(body, "target", "name")}
        condition = {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": stamp(self._api.clock()),
        }
        status = {**(pod.get("status") or {}), "conditions": [condition]}
        new = {**pod, "metadata": dict(meta(pod)), "spec": spec, "status": status}
        self._api.store.put("pods", new)
        return answer(_done(), 201)

    async def _log(self, request: web.Request, pod: Json) -> web.StreamResponse:
        url = self._log_url(pod, request.query.get("container", ""))
        wanted = {
            name: request.query[name] for name in _LOG_OPTIONS if name in request.query
        }
        timeout = aiohttp.ClientTimeout(total=None)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(url, params=wanted) as source,
            ):
                if source.status != 200:  # noqa: PLR2004
                    raise bad_request(await source.text())
                return await _pass_on(request, source)
        except aiohttp.ClientConnectionError as error:
            raise ApiError(500, "InternalError", f"Get {url!r}: {error}") from error

    def _log_url(self, pod: Json, container: str) -> str:
        name, spec = meta(pod)["name"], pod["spec"]
        known = [one["name"] for one in spec["containers"]]
        inits = [one["name"] for one in spec.get("initContainers") or ()]
        container = container or known[0]
        if container not in known + inits:
            raise bad_request(f"container {container} is not valid for pod {name}")
        self._check_started(pod, container)
        node = self._api.store.get("nodes", ("", spec.get("nodeName", "")))
        host = dig(node, "status", "addresses", 0, "address")
        port = dig(node, "status", "daemonEndpoints", "kubeletEndpoint", "Port")
        if node is None or not port:
            raise ApiError(500, "InternalError", "the pod's node cannot be reached")
        namespace = meta(pod)["namespace"]
        return f"http://{host}:{port}/containerLogs/{namespace}/{name}/{container}"

    def _check_started(self, pod: Json, container: str) -> None:
        statuses = [
            *(dig(pod, "status", "initContainerStatuses") or ()),
            *(dig(pod, "status", "containerStatuses") or ()),
        ]
        own: Json = next((one for one in statuses if one["name"] == container), {})
        waiting = dig(own, "state", "waiting", "reason")
        if not own and dig(pod, "status", "phase") == "Pending":
            waiting = "ContainerCreating"
        if waiting and not own.get("lastState"):
            raise bad_request(
                f'container "{container}" in pod "{meta(pod)["name"]}" is waiting to '
                f"start: {waiting}"
            )
        if not dig(pod, "spec", "nodeName"):
            raise bad_request(f"pod {meta(pod)['name']} does not have a host assigned")


async def _pass_on(
    request: web.Request, source: aiohttp.ClientResponse
) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = "text/plain"
    await response.prepare(request)
    async for chunk in source.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response


def _done() -> Json:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
