"""Pachyderm, for commands that ask Kubernetes as well: both within one loop."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mnist_operator.cli.failures import NoAnswerError, explain
from mnist_operator.errors import UpstreamError
from mnist_operator.pachyderm import Connection, Pachyderm

__all__ = ["reach", "telling"]


@asynccontextmanager
async def reach(connection: Connection) -> AsyncGenerator[Pachyderm]:
    """Open a client, and close it; what fails there is told as Pachyderm's failure."""
    client = Pachyderm(connection)
    try:
        signed_in = connection.token is not None
        async with telling(connection.address, signed_in=signed_in):
            yield client
    finally:
        await client.close()


@asynccontextmanager
async def telling(address: str, *, signed_in: bool) -> AsyncGenerator[None]:
    """Say whose failure it was: the cluster's is told by whoever asks the cluster.

    Raises:
        NoAnswerError: pachd did not answer; the message is one line with the remedy.
    """
    try:
        yield
    except UpstreamError as error:
        if error.service != "pachd":
            raise
        line = explain(error, address, signed_in=signed_in)
        raise NoAnswerError(line) from None
