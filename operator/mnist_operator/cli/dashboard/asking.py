"""What one page asks about one training: what has no answer leaves a notice.

Once a pachd has not answered, it is not asked again for the same page: its reader
would wait as long for every part of it.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mnist_operator.cli.dashboard.pachds import Pachds, find_address, tell_failure
from mnist_operator.cli.failures import NoAnswerError, TimedOutError
from mnist_operator.errors import (
    DeniedError,
    InvalidSpecError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining

__all__ = ["Asking", "begin"]

T = TypeVar("T")


async def begin(
    pachds: Pachds, training: MnistTraining, notices: list[str]
) -> "Asking":
    """Find whom to ask; nobody, where that cannot be known."""
    own = await pachds.own()
    try:
        pachd = await pachds.find(training)
    except NoAnswerError as error:
        notices.append(str(error))
        return Asking(pachds, training, own, None, notices)
    return Asking(pachds, training, own, pachd, notices)


class Asking:
    """The questions of one page about one training."""

    def __init__(
        self,
        pachds: Pachds,
        training: MnistTraining,
        own: Pachyderm,
        pachd: Pachyderm | None,
        notices: list[str],
    ) -> None:
        self.training = training
        self.pachd = pachd
        """Whom to ask; None where nobody answers."""
        self.notices = notices
        self._pachds = pachds
        self._own = own

    @property
    def address(self) -> str:
        """Where its pachd is."""
        return find_address(self.training, self._own.connection)

    async def ask(
        self, question: Callable[[Pachyderm], Awaitable[T]], otherwise: T
    ) -> T:
        """What is answered, or what is shown instead."""
        if self.pachd is None:
            return otherwise
        return await self.answer(question(self.pachd), otherwise)

    async def answer(self, answer: Awaitable[T], otherwise: T) -> T:
        """The same for what somebody else than Pachyderm may be asked for."""
        asked = self.pachd.connection if self.pachd else self._own.connection
        try:
            return await answer
        except TimedOutError as error:
            self._give_up(str(error))
        except NoAnswerError as error:
            self.notices.append(str(error))
        except InvalidSpecError as error:
            self._give_up(error.message)
        except UpstreamError as error:
            own = self._own.connection
            told = tell_failure(error, self.training, asked, own)
            if isinstance(error, UnreachableError):
                self._give_up(told)
            else:
                self.notices.append(told)
            if isinstance(error, DeniedError):
                self._pachds.forget(self.training)
        return otherwise

    def _give_up(self, why: str) -> None:
        self.notices.append(why)
        self.pachd = None
