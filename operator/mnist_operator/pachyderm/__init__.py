"""The adapter to Pachyderm, and the only package that imports its stubs and gRPC.

Read ``client`` for what can be asked, ``failures`` for what errors mean, and
``feeds`` for how a new commit becomes a wake-up.
"""

from mnist_operator.pachyderm.changes import Change, CopyFile, DeletePath, PutFile
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.connection import Connection
from mnist_operator.pachyderm.feeds import Feeds, HeadSeen, Watch
from mnist_operator.pachyderm.pool import Connections
from mnist_operator.pachyderm.presumed import PresumedError

__all__ = [
    "Change",
    "Connection",
    "Connections",
    "CopyFile",
    "DeletePath",
    "Feeds",
    "HeadSeen",
    "Pachyderm",
    "PresumedError",
    "PutFile",
    "Watch",
]
