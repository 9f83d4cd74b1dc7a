"""A pachd that never answers."""

import asyncio

from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc


class Silent(pfs_pb2_grpc.APIServicer):
    """A pachd that hears everything and says nothing."""

    def __init__(self):
        self.asked = asyncio.Event()

    async def InspectRepo(self, request, context):  # noqa: N802
        self.asked.set()
        await asyncio.Event().wait()
