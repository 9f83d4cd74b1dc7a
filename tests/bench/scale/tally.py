"""Counts what the stand-ins are asked: by verb and kind, or by method and repo.

What belongs to the feeds (subscriptions, and looks at what is pushed) is counted
apart, because that is the price of following at all.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from local_cluster.faults import Faults

__all__ = ["CallTally", "RepoTally", "is_feed"]

_FOLLOWING = ("SubscribeCommit", "InspectBranch", "ListBranch", "InspectCommit")


def is_feed(call: str) -> bool:
    """Whether this call, of either server, is one of following."""
    if call.startswith("kube.watch."):
        return True
    method, _, where = call.partition(" ")
    return method in _FOLLOWING and where == "input"


class CallTally(Faults):
    """The API server's: counts where a test would order a fault."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: Counter[str] = Counter()
        self._moved = time.time()

    async def before(self, call: str) -> None:
        if not call.startswith("kube.event."):
            self._calls[call] += 1
            if not is_feed(call):
                self._moved = time.time()

    async def after(self, call: str) -> None:
        pass

    def report(self) -> dict[str, Any]:
        return {"calls": self._calls, "moved": self._moved}


class RepoTally(grpc.aio.ServerInterceptor):
    """pachd's: counts each call with what its repo is for."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._moved = time.time()

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: Any
    ) -> Any:
        handler = await continuation(details)
        method = details.method.rpartition("/")[2]
        if handler is None or handler.request_streaming:
            self._count(method)
            return handler
        coders = handler.request_deserializer, handler.response_serializer
        if handler.response_streaming:
            stream = self._stream(method, handler.unary_stream)
            return grpc.unary_stream_rpc_method_handler(stream, *coders)
        single = self._single(method, handler.unary_unary)
        return grpc.unary_unary_rpc_method_handler(single, *coders)

    def report(self) -> dict[str, Any]:
        return {"calls": self._calls, "moved": self._moved}

    def _single(self, method: str, behaviour: Any) -> Any:
        async def counted(request: Any, context: Any) -> Any:
            self._count(method, request)
            return await behaviour(request, context)

        return counted

    def _stream(self, method: str, behaviour: Any) -> Any:
        async def counted(request: Any, context: Any) -> Any:
            self._count(method, request)
            async for answer in behaviour(request, context):
                yield answer

        return counted

    def _count(self, method: str, request: Any = None) -> None:
        call = f"{method} {_purpose(request)}".strip()
        self._calls[call] += 1
        if not is_feed(call):
            self._moved = time.time()


def _purpose(request: Any) -> str:
    """input, output or runs: the repos of a benchmark are named so that it shows."""
    name = _repo_name(request)
    if name.endswith("_runs"):
        return "runs"
    return {"data": "input", "models": "output"}.get(name.partition("-")[0], "")


def _repo_name(request: Any) -> str:
    fields = getattr(request, "DESCRIPTOR", None)
    names = fields.fields_by_name if fields else {}
    if "commit" in names:
        inner = request.commit
        return (inner.repo if inner.HasField("repo") else inner.branch.repo).name
    if "branch" in names and hasattr(request.branch, "repo"):
        return request.branch.repo.name
    return request.repo.name if "repo" in names else ""
