"""What it takes to show how far a run is: the end of a log, and a status on top of one.

Neither may be in the way of anything: the log has a short deadline and takes no turn,
and the status is written only where nobody else has written since.
"""

import asyncio
from contextlib import aclosing

from mnist_operator.kube.answers import keep_tail, read_whole
from mnist_operator.kube.transport import Body, Transport
from mnist_operator.resource import GROUP, PLURAL, VERSION

__all__ = ["put_on_top", "read_end"]

_SECONDS = 5.0
_LINES, _BYTES = 40, 32768
_MERGE_PATCH = "application/merge-patch+json"


async def read_end(kube: Transport, namespace: str, pod: str, container: str) -> bytes:
    """The last lines of a container's log, as far as they are few and short.

    Raises:
        UpstreamError: There is none, or it may not be read.
        TimeoutError: It does not come.
    """
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
    query = {
        "container": container,
        "tailLines": str(_LINES),
        # Counted from the first of those lines on: very long ones hide the newest.
        "limitBytes": str(_BYTES),
    }
    async with (
        asyncio.timeout(_SECONDS),
        aclosing(kube.stream(path, query)) as pieces,
    ):
        return await keep_tail(pieces, _BYTES)


async def put_on_top(
    kube: Transport, namespace: str, name: str, version: str, status: Body
) -> str:
    """Change part of a MnistTraining's status, if it still has that version.

    Returns:
        The version that it has then.

    Raises:
        ConflictError: It has another.
        UpstreamError: It is gone, or that did not work.
    """
    path = f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}/{name}/status"
    patch = {"metadata": {"resourceVersion": version}, "status": status}
    answer = await kube.call("PATCH", path, patch, kind=_MERGE_PATCH)
    meta = read_whole(answer, f"PATCH {path}")["metadata"]
    return str(meta.get("resourceVersion", ""))
