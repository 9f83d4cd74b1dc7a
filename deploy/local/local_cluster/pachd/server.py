"""A pachd that starts, stops, and dies when a test wants it to."""

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import grpc
import grpc.aio
from aiohttp import web
from python_pachyderm.proto.v2.auth import auth_pb2_grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc
from python_pachyderm.proto.v2.version.versionpb import version_pb2_grpc

from local_cluster.faults import Faults
from local_cluster.pachd.accounts import AuthService, VersionService
from local_cluster.pachd.calls import Gate
from local_cluster.pachd.metadata import metadata_handler
from local_cluster.pachd.s3.gateway import gateway
from local_cluster.pachd.service import PfsService
from local_cluster.pachd.world import World
from local_cluster.ports import HeldPort

__all__ = ["Pachd"]

_LARGEST_MESSAGE = 20 << 20
_OPTIONS = [
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
    ("grpc.max_send_message_length", _LARGEST_MESSAGE),
    ("grpc.so_reuseport", 0),
]


class Pachd:
    """pachd's PFS API and its S3 gateway, with the data in one folder.

    The ports stay the same, and nobody else gets them while it is stopped. With a
    token, auth is on; with a certificate and its key, both endpoints speak TLS.
    Interceptors see each gRPC call before anything else does.
    """

    def __init__(
        self,
        root: Path,
        *,
        host: str = "127.0.0.1",
        grpc_port: int = 0,
        s3_port: int = 0,
        token: str | None = None,
        finish_seconds: float = 0.05,
        commit_cost_seconds: float = 0.0,
        faults: Faults | None = None,
        tls: tuple[Path, Path] | None = None,
        interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
    ) -> None:
        self.faults = Faults() if faults is None else faults
        self._root = root
        self._host = host
        self._held = [HeldPort(host) for port in (grpc_port, s3_port) if not port]
        left = iter(self._held)
        self._grpc_port = grpc_port or next(left).number
        self._s3_port = s3_port or next(left).number
        self._token = token
        self._pace = (finish_seconds, commit_cost_seconds)
        self._tls = tls
        self._gate = Gate(self.faults, token)
        self._interceptors = interceptors
        self._world: World | None = None
        self._server: Any = None
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """Where gRPC clients connect to."""
        return f"{self._host}:{self._grpc_port}"

    @property
    def s3_endpoint(self) -> str:
        """Where S3 clients connect to; without the scheme."""
        return f"{self._host}:{self._s3_port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Serve what is on the disk, and go on finishing commits."""
        world = World(self._root, *self._pace, auth=self._token is not None)
        self._world = world
        await self._serve_grpc(world)
        await self._serve_s3(world)
        world.finisher.start()

    async def stop(self) -> None:
        """End in good order: running calls may end first, for a moment."""
        await self._end(grace=0.2)

    async def kill(self) -> None:
        """End in the middle of everything; what was acknowledged is on the disk."""
        await self._end(grace=None)

    def hold_finishing(self, repo: str | None) -> None:
        """Take for ever to finish commits of a repo, until this is called with None."""
        if self._world is not None:
            self._world.finisher.hold(repo)

    def cut_streams(self) -> None:
        """End every subscription now, as a broken connection does."""
        self._gate.cut_streams()

    async def _serve_grpc(self, world: World) -> None:
        interceptors = [*self._interceptors, self._gate]
        server = grpc.aio.server(options=_OPTIONS, interceptors=interceptors)
        pfs_pb2_grpc.add_APIServicer_to_server(PfsService(world), server)
        auth_pb2_grpc.add_APIServicer_to_server(AuthService(self._token), server)
        version_pb2_grpc.add_APIServicer_to_server(VersionService(), server)
        server.add_generic_rpc_handlers((metadata_handler(world),))
        if self._tls is None:
            server.add_insecure_port(self.address)
        else:
            certificate, key = (path.read_bytes() for path in self._tls)
            credentials = grpc.ssl_server_credentials([(key, certificate)])
            server.add_secure_port(self.address, credentials)
        await server.start()
        self._server = server

    async def _serve_s3(self, world: World) -> None:
        runner = web.AppRunner(
            gateway(world, self.faults, self._token),
            access_log=None,
            shutdown_timeout=0.1,
        )
        await runner.setup()
        site = web.TCPSite(
            runner,
            self._host,
            self._s3_port,
            ssl_context=_ssl_context(self._tls),
            reuse_address=True,
        )
        await site.start()
        self._runner = runner

    async def _end(self, *, grace: float | None) -> None:
        world, server, runner = self._world, self._server, self._runner
        self._world = self._server = self._runner = None
        if world is None:
            return
        await asyncio.gather(server.stop(grace), _close(runner))
        world.close()


async def _close(runner: web.AppRunner | None) -> None:
    if runner is None:
        return
    if runner.server is not None:
        for connection in runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
    await runner.cleanup()


def _ssl_context(tls: tuple[Path, Path] | None) -> ssl.SSLContext | None:
    if tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    return context
