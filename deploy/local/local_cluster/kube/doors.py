"""Leads each request for a resource to the call that it means, and answers it."""

from collections.abc import Callable
from contextlib import aclosing

from aiohttp import web

from local_cluster.faults import FaultError, Faults
from local_cluster.kube.api import Api, Written
from local_cluster.kube.bodies import read_any, read_change, read_object
from local_cluster.kube.failures import ApiError, bad_request, method_not_allowed
from local_cluster.kube.listing import Lister
from local_cluster.kube.pods import Pods
from local_cluster.kube.rendering import answer, fresh_view, listed, shown
from local_cluster.kube.requests import Deletion, Path, Target, Writing, read_path
from local_cluster.kube.selectors import Selector, parse
from local_cluster.kube.values import Json, meta
from local_cluster.kube.watching import Watch, follow

__all__ = ["Doors"]

_COLLECTION_VERBS = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_OBJECT_VERBS = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_WATCH_SECONDS = 1800.0


class Doors:
    """Every path under /api/VERSION and /apis/GROUP/VERSION that is a resource."""

    def __init__(self, api: Api, faults: Faults) -> None:
        self._api = api
        self._faults = faults
        self._lister = Lister(api.store)
        self._pods = Pods(api)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or fail as a test has ordered."""
        path = read_path(request.path)
        target = self._target(path) if path else None
        if target is None:
            return web.Response(text="404 page not found\n", status=404)
        try:
            verb = _verb(request, target)
            call = f"kube.{verb}.{target.kind.plural}"
            call += f"/{target.subresource}" if target.subresource else ""
            await self._faults.before(call)
            response = await self._serve(request, target, verb)
            await self._faults.after(call)
        except ApiError as error:
            return answer(error.body(), error.code)
        except FaultError as fault:
            return _fail(request, fault)
        return response

    def _target(self, path: Path) -> Target | None:
        kind = self._api.registry.find(path.group, path.version, path.plural)
        if kind is None or (path.namespace and not kind.namespaced):
            return None
        if path.subresource and path.subresource not in kind.subresources:
            return None
        return Target(kind, path.namespace, path.name, path.subresource)

    async def _serve(
        self, request: web.Request, target: Target, verb: str
    ) -> web.StreamResponse:
        if target.subresource in self._pods.doors:
            return await self._pods.serve(request, target, await read_any(request))
        match verb:
            case "watch":
                return await self._watch(request, target)
            case "list":
                return self._list(request, target)
            case "get":
                found = self._api.get(target)
                return answer(shown(request, target.kind, found, self._api.clock()))
            case "delete" | "deletecollection":
                return await self._delete(request, target, verb)
            case _:
                return await self._write(request, target, verb)

    async def _write(
        self, request: web.Request, target: Target, verb: str
    ) -> web.StreamResponse:
        how = Writing.read(request.query)
        do: Callable[[Target, Json, Writing], Written] = self._api.replace
        if verb == "patch":
            change = await read_change(request)
            written = self._api.patch(target, request.content_type, change, how)
        else:
            do = self._api.create if verb == "create" else self._api.replace
            written = do(target, await read_object(request), how)
        body = shown(request, target.kind, written.document, self._api.clock())
        response = answer(body, 201 if written.created else 200)
        for warning in written.warnings:
            told = warning.replace("\\", "\\\\").replace('"', '\\"')
            response.headers.add("Warning", f'299 - "{told}"')
        return response

    def _list(self, request: web.Request, target: Target) -> web.StreamResponse:
        try:
            limit = int(request.query.get("limit") or 0)
        except ValueError as error:
            raise bad_request(f"invalid limit: {error}") from error
        token = request.query.get("continue", "")
        page = self._lister.list(target, _selector(request, target), limit, token)
        return answer(listed(request, target.kind, page, self._api.clock()))

    async def _watch(self, request: web.Request, target: Target) -> web.StreamResponse:
        query = request.query
        watch = Watch(
            target,
            _selector(request, target),
            version=query.get("resourceVersion", ""),
            bookmarks=_true(query.get("allowWatchBookmarks")),
            initial_events=_true(query.get("sendInitialEvents")),
            seconds=float(query.get("timeoutSeconds") or _WATCH_SECONDS),
            render=fresh_view(request, target.kind, self._api.clock),
        )
        response = web.StreamResponse()
        response.content_type = "application/json"
        await response.prepare(request)
        async with aclosing(follow(self._api.store, watch)) as stream:
            async for lines in stream:
                if lines:
                    await self._faults.before(f"kube.event.{target.kind.plural}")
                    await response.write(lines)
        await response.write_eof()
        return response

    async def _delete(
        self, request: web.Request, target: Target, verb: str
    ) -> web.StreamResponse:
        how = Deletion.read(request.query, await read_any(request))
        if verb == "delete":
            return answer(self._api.deleter.delete(target, how))
        page = self._lister.list(target, _selector(request, target), 0, "")
        for document in page.items:
            about = meta(document)
            one = Target(target.kind, about.get("namespace", ""), about["name"])
            self._api.deleter.delete(one, how)
        return answer(listed(request, target.kind, page, self._api.clock()))


def _verb(request: web.Request, target: Target) -> str:
    if target.subresource and request.method == "POST":
        return "create"
    verbs = _OBJECT_VERBS if target.name else _COLLECTION_VERBS
    verb = verbs.get(request.method)
    if verb is None or (verb == "create" and _everywhere(target)):
        raise method_not_allowed()
    watching = _true(request.query.get("watch"))
    return "watch" if verb == "list" and watching else verb


def _everywhere(target: Target) -> bool:
    return target.kind.namespaced and not target.namespace


def _true(text: str | None) -> bool:
    return text in {"1", "true", "True"}


def _selector(request: web.Request, target: Target) -> Selector:
    query = request.query
    labels, fields = query.get("labelSelector", ""), query.get("fieldSelector", "")
    return parse(target.kind, labels, fields)


def _fail(request: web.Request, fault: FaultError) -> web.Response:
    match fault.error:
        case (int() as status, dict() as body):
            return answer(body, status)
        case (int() as status, body):
            return web.Response(text=str(body), status=status)
        case _:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("cut by a fault") from fault
