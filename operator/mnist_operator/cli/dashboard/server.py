"""The server: its addresses, and what every answer is sealed with."""

from aiohttp import web

from mnist_operator.cli.dashboard.board import Board
from mnist_operator.cli.dashboard.doors import HEADERS, guard
from mnist_operator.cli.dashboard.site import Settings, Site
from mnist_operator.cli.dashboard.views import Views

__all__ = ["build"]


def build(board: Board, views: Views, settings: Settings) -> web.Application:
    """All of it as an application of aiohttp."""
    site = Site(board, views, settings)
    probes = {
        f"{base}/{name}": answer
        for base in {"", settings.base}
        for name, answer in (("healthz", site.health), ("readyz", site.ready))
    }
    app = web.Application(middlewares=[guard(settings.hosts, probes), site.excuse])
    app.on_response_prepare.append(_seal)
    app.on_shutdown.append(site.end)
    training = settings.base + "/trainings/{namespace:[a-z0-9-]+}/{name:[a-z0-9.-]+}"
    run = training + "/runs/{run:[0-9a-f]{32}}"
    held = training + "/held/{commit:[0-9a-f]{32}}"
    for path, answer in (
        (f"{settings.base}/", site.overview),
        (training, site.training),
        (run, site.run),
        (f"{run}/data", site.data),
        (f"{run}/data.svg", site.picture),
        (held, site.held),
        (f"{held}/data.svg", site.picture),
        (f"{settings.base}/events", site.streams.open),
        (f"{settings.base}/static/{{name}}", site.static),
        *probes.items(),
    ):
        app.router.add_get(path, answer)
    if settings.base:
        app.router.add_get(settings.base, site.home)
    return app


async def _seal(_: web.Request, response: web.StreamResponse) -> None:
    """Every answer tells the browser what it may do with it, refusals too."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
