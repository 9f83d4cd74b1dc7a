"""Answers what clients ask before anything else: who are you, and what is there?"""

from collections.abc import Callable

from aiohttp import web

from local_cluster.kube import discovery, openapi
from local_cluster.kube.registry import Registry
from local_cluster.kube.rendering import answer
from local_cluster.kube.values import Json

__all__ = ["describe"]

_HEALTH = ("/healthz", "/livez", "/readyz")


def describe(registry: Registry, request: web.Request) -> web.Response | None:
    """Answer a question about the server itself; None for any other request."""
    if request.path.startswith(_HEALTH):
        return web.Response(text="ok")
    steps = request.path.strip("/").split("/")
    if steps[0] in {"api", "apis"} and len(steps) == 1 and _aggregates(request):
        body = discovery.aggregated(registry, core=steps[0] == "api")
        response = answer(body)
        # Clients tell the two formats apart by this header alone.
        response.headers["Content-Type"] = discovery.AGGREGATED
        return response
    body_or_none = _discover(registry, request, steps) or _document(registry, steps)
    return answer(body_or_none) if body_or_none is not None else None


def _aggregates(request: web.Request) -> bool:
    return discovery.AGGREGATED in request.headers.get("Accept", "")


def _discover(
    registry: Registry, request: web.Request, steps: list[str]
) -> Json | None:
    roots: dict[str, Callable[[], Json]] = {
        "version": lambda: discovery.VERSION,
        "api": lambda: discovery.versions(request.host),
        "apis": lambda: discovery.groups(registry),
    }
    match steps:
        case [root] if root in roots:
            return roots[root]()
        case ["api", version]:
            return discovery.resources(registry, "", version)
        case ["apis", group]:
            return discovery.group(registry, group)
        case ["apis", group, version]:
            return discovery.resources(registry, group, version)
        case _:
            return None


def _document(registry: Registry, steps: list[str]) -> Json | None:
    match steps:
        case ["openapi", "v2"]:
            return openapi.swagger(registry)
        case ["openapi", "v3"]:
            return openapi.index(registry)
        case ["openapi", "v3", "api", version]:
            return openapi.document(registry, "", version)
        case ["openapi", "v3", "apis", group, version]:
            return openapi.document(registry, group, version)
        case _:
            return None
