"""mnistctl dashboard: the process that serves the page, until it is told to end."""

import asyncio
import re
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from aiohttp import web

from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.dashboard.board import Board
from mnist_operator.cli.dashboard.keyring import Keyring
from mnist_operator.cli.dashboard.pachds import Pachds
from mnist_operator.cli.dashboard.pods import Pods
from mnist_operator.cli.dashboard.server import build
from mnist_operator.cli.dashboard.site import Settings
from mnist_operator.cli.dashboard.verdicts import Verdicts
from mnist_operator.cli.dashboard.views import Views
from mnist_operator.cli.inquiries import connect
from mnist_operator.cli.jobs import Jobs
from mnist_operator.pachyderm import Connection

__all__ = ["serve"]

_BASE = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_END_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who asks Pachyderm, and whose signatures are believed."""

    connection: Connection
    keys: Keyring


@dataclass(frozen=True, slots=True)
class _Door:
    """Where to listen."""

    host: str
    port: int


def serve(
    *,
    host: str,
    port: int,
    allowed: tuple[str, ...],
    base: str,
    runbooks: str,
    keys: tuple[Path, ...],
    namespace: str | None,
    everywhere: bool,
    kubeconfig: str | None,
    context: str | None,
    **options: Any,
) -> None:
    """Serve the page.

    Raises:
        click.UsageError: An option cannot be what it is.
        click.ClickException: The address is taken, or the cluster gives no answer.
    """
    if everywhere and namespace:
        raise click.UsageError("--all-namespaces and --namespace exclude each other")
    base = base.rstrip("/")
    if not _BASE.fullmatch(base):
        raise click.UsageError(f"--base-path {base!r}: write it as /mnist")
    names = tuple(each for text in allowed for each in text.split(",") if each)
    asking = _Asking(connect(options), Keyring(keys))
    asking.keys.read()  # What cannot be used is said now, and to whoever starts this.
    settings = Settings(base, names, runbooks=runbooks)

    async def run(cluster: Cluster) -> None:
        asked = "" if everywhere else cluster.namespace
        await _run(cluster, asked, asking, settings, _Door(host, port))

    with suppress(KeyboardInterrupt):
        ask(Place(kubeconfig, context, namespace), run)


async def _run(
    cluster: Cluster,
    namespace: str,
    asking: _Asking,
    settings: Settings,
    door: _Door,
) -> None:
    board = Board(cluster, namespace)
    pachds = Pachds(asking.connection, cluster)
    jobs = Jobs(cluster.kube, cluster.server, cluster.namespace)
    views = Views(pachds, Pods(jobs), Verdicts(asking.keys.read))
    runner = web.AppRunner(
        build(board, views, settings),
        access_log=None,
        shutdown_timeout=_END_SECONDS,
    )
    following = asyncio.create_task(board.follow(), name="the watch of trainings")
    try:
        await runner.setup()
        over = _hear_the_end()  # Before anybody is told that there is a page to end.
        await _listen(runner, door, settings)
        await _ended(over, following)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await runner.cleanup()
        await views.close()
        await pachds.close()


async def _listen(runner: web.AppRunner, door: _Door, settings: Settings) -> None:
    try:
        site = web.TCPSite(runner, door.host, door.port)
        await site.start()
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {door.host}:{door.port}: {error.strerror}; name another"
            " with --host and --port"
        ) from None
    port = runner.addresses[0][1]
    shown = f"[{door.host}]" if ":" in door.host else door.host
    click.echo(f"The page is at http://{shown}:{port}{settings.base}/")


def _hear_the_end() -> asyncio.Event:
    """Is set once somebody asks the process to end."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, over.set)
    return over


async def _ended(over: asyncio.Event, following: asyncio.Task[None]) -> None:
    """Wait until somebody ends the process; the watch ends by a fault alone."""
    told = asyncio.create_task(over.wait())
    await asyncio.wait({told, following}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if following.done():
        await following
