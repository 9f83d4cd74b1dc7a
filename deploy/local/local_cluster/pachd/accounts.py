"""The small services beside PFS: which version this is, and who is asking."""

from typing import Any

import grpc
from python_pachyderm.proto.v2.auth import auth_pb2, auth_pb2_grpc
from python_pachyderm.proto.v2.version.versionpb import version_pb2, version_pb2_grpc

from local_cluster.pachd.errors import PfsError

__all__ = ["AuthService", "VersionService"]


class VersionService(version_pb2_grpc.APIServicer):  # type: ignore[misc]
    """Says which pachd this stands in for."""

    async def GetVersion(self, _: Any, __: Any) -> Any:
        """Return the version of the recording."""
        return version_pb2.Version(major=2, minor=11, micro=6)


class AuthService(auth_pb2_grpc.APIServicer):  # type: ignore[misc]
    """Knows one user: whoever holds the token."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    async def WhoAmI(self, _: Any, __: Any) -> Any:
        """Return who is asking, where auth is on."""
        if self._token is None:
            words = "the auth service is not activated"
            raise PfsError(grpc.StatusCode.UNIMPLEMENTED, words)
        return auth_pb2.WhoAmIResponse(username="robot:local")
