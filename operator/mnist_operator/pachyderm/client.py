"""The client: everything that this operator asks of one pachd."""

from mnist_operator.pachyderm.channel import AT_ONCE, Calls
from mnist_operator.pachyderm.connection import Connection
from mnist_operator.pachyderm.files import Files
from mnist_operator.pachyderm.history import History
from mnist_operator.pachyderm.writing import Writing

__all__ = ["Pachyderm"]


class Pachyderm(History, Writing, Files):
    """One pachd, as the user of one connection sees it.

    The sum of its topics: branches, history, writing and files, each a module.
    """

    def __init__(self, connection: Connection, *, at_once: int = AT_ONCE) -> None:
        super().__init__(Calls(connection, at_once=at_once))

    def __repr__(self) -> str:
        """Name the server; the token stays out."""
        return f"Pachyderm({self.connection.address!r})"

    @property
    def calls(self) -> Calls:
        """Its channel: for those who ask in another way."""
        return self._calls

    @property
    def connection(self) -> Connection:
        """Where it connects to."""
        return self._calls.connection

    @property
    def busy(self) -> bool:
        """Whether calls or streams are under way."""
        return self._calls.running > 0

    @property
    def calls_made(self) -> int:
        """How many calls there were: what stands still is not in use."""
        return self._calls.made

    async def close(self) -> None:
        """Hang up and end what is under way; a later call dials again."""
        await self._calls.close()
