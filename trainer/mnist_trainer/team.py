"""For several processes that act as one: they sum their vectors, and end together.

TensorFlow's own strategy for several workers connects them; what it does in Keras's
``fit`` does not work with Keras 3, and nothing of it is needed here but one operation.
They exchange the vectors in a ring, in the processes' memory and over gRPC, on GPUs
too: it takes the one port that a TFJob gives each of them, while NCCL would open more.
"""

import contextlib
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import tensorflow as tf

from mnist_trainer.errors import DivergedError, PeerLostError
from mnist_trainer.workers import Workers

__all__ = ["ALONE", "Team", "connect"]

_GROUP: Final = 1000
"""Apart from those numbers that the strategy gives groups of its own."""
_STEP, _DONE, _KNOWN = 1, 2, 3

_LOST: Final = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.UnavailableError,
)
"""What TensorFlow makes of a connection that was reset and heartbeats that stopped."""

_SPREAD: Final = "Collective ops is aborted by: "
"""In each process, before what went wrong in the first."""

_LINES: Final = re.compile(r"\n|\\n")
"""Between the lines of what one process tells, and of what another had told it."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Team:
    """All processes of one training, of which this is one."""

    workers: Workers = field(default_factory=Workers)
    reduce: Callable[[Any], Any] = tf.identity
    """Sums a vector over all of them, within a graph or without."""

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """Blame the others for what only they can cause.

        Raises:
            PeerLostError: another process has ended, or cannot be reached any more.

        """
        if self.workers.count == 1:
            yield
            return
        try:
            yield
        except tf.errors.OpError as error:
            if not _is_loss(error):
                raise
            raise PeerLostError(
                "another worker ended, or cannot be reached any more: its own last "
                f"words say why ({_tell(error)})"
            ) from error
        except DivergedError:
            # All of them find out at once, and none may go before the others know.
            with contextlib.suppress(PeerLostError):
                self.part()
            raise

    def part(self) -> None:
        """Wait until all have come to here: until the output is written, that is.

        Who leaves may take with it what it last told the others, so all of them meet
        twice: nobody leaves before all have met once, so the second may fail.
        Number 0 needs nobody any more, and does not mind if the first fails either.

        Raises:
            PeerLostError: this process waited for number 0, which failed.

        """
        if self.workers.count == 1:
            return
        try:
            _sum(tf.zeros(1), self.workers.count, _DONE)
        except tf.errors.OpError as error:
            if self.workers.number == 0:
                return
            raise PeerLostError(
                "worker 0, which writes the output, ended before it had done so, or "
                f"another worker did: see its own last words ({_tell(error)})"
            ) from error
        with contextlib.suppress(tf.errors.OpError):
            _sum(tf.zeros(1), self.workers.count, _KNOWN)


ALONE: Final = Team()


def connect(workers: Workers) -> Team:
    """Connect to all others, who are there and about to do the same; see ``roll_call``.

    Nothing may have been computed before.

    Raises:
        PeerLostError: somebody has gone again.

    """
    if workers.count == 1:
        return ALONE
    heard = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        _start(workers)
    except tf.errors.OpError as error:
        raise PeerLostError(
            f"another worker ended while all were connecting ({_tell(error)})"
        ) from error
    for number, handler in heard.items():
        # TensorFlow takes SIGTERM for itself.
        signal.signal(number, handler)
    return Team(workers, lambda vector: _sum(vector, workers.count, _STEP))


def _start(workers: Workers) -> None:
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(workers.addresses)}),
        task_type="worker",
        task_id=workers.number,
        rpc_layer="grpc",
    )
    tf.distribute.MultiWorkerMirroredStrategy(resolver)


def _sum(vector: Any, count: int, purpose: int) -> Any:
    with tf.device("CPU:0"):
        return tf.raw_ops.CollectiveReduceV2(
            input=vector,
            group_size=count,
            group_key=_GROUP,
            instance_key=purpose,
            ordering_token=[],
            merge_op="Add",
            final_op="Id",
            communication_hint="ring",
        )


def _is_loss(error: tf.errors.OpError) -> bool:
    return isinstance(error, _LOST) or _SPREAD in str(error.message)


def _tell(error: tf.errors.OpError) -> str:
    """Take out of TensorFlow's many lines the words that say what happened."""
    return _LINES.split(str(error.message).rpartition(_SPREAD)[2])[0]
