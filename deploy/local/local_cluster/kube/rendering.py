"""Writes answers in the form that the client asks for: objects, tables, metadata."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiohttp import web

from local_cluster.kube import tables
from local_cluster.kube.failures import not_acceptable
from local_cluster.kube.kinds import Kind
from local_cluster.kube.listing import Page
from local_cluster.kube.values import Json

__all__ = ["answer", "fresh_view", "listed", "shown"]


def answer(body: Json, status: int = 200) -> web.Response:
    """Answer in JSON."""
    text = json.dumps(body, separators=(",", ":"))
    return web.Response(text=text, status=status, content_type="application/json")


def shown(request: web.Request, kind: Kind, document: Json, now: datetime) -> Json:
    """Show one object."""
    view = fresh_view(request, kind, lambda: now)
    return view(document) if view else document


def fresh_view(
    request: web.Request, kind: Kind, clock: Callable[[], datetime]
) -> Callable[[Json], Json] | None:
    """Return how single objects are shown; None for as they are."""
    match _form(request):
        case "Table":
            include = request.query.get("includeObject", "Metadata")
            return lambda one: tables.table(kind, [one], clock(), include=include)
        case "PartialObjectMetadata":
            return tables.partial
        case _:
            return None


def listed(request: web.Request, kind: Kind, page: Page, now: datetime) -> Json:
    """Show a list."""
    match _form(request):
        case "Table":
            include = request.query.get("includeObject", "Metadata")
            printed = tables.table(kind, page.items, now, include=include)
            return printed | {"metadata": page.metadata()}
        case "PartialObjectMetadataList":
            show = partial(_list, "PartialObjectMetadataList", "meta.k8s.io/v1", page)
            return show([tables.partial(one) for one in page.items])
        case _:
            return _list(kind.list_kind, kind.api_version, page, page.items)


def _list(kind: str, api_version: str, page: Page, items: list[Json]) -> Json:
    return {
        "kind": kind,
        "apiVersion": api_version,
        "metadata": page.metadata(),
        "items": items,
    }


def _form(request: web.Request) -> str:
    """Return the transformation that the client likes best, "" for none."""
    accepted = request.headers.get("Accept") or "*/*"
    for offer in accepted.split(","):
        media_type, *options = (part.strip() for part in offer.split(";"))
        if media_type in {"application/json", "application/*", "*/*"}:
            said = dict(one.partition("=")[::2] for one in options)
            if said.get("v", "v1") == "v1":
                return str(said.get("as", ""))
    raise not_acceptable()
