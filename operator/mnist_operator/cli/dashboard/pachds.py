"""Which Pachyderm each training is at, and who asks it there.

Trainings of one address and one token share a client. The page's own token goes to the
page's own address alone: whoever may write a MnistTraining can name any address, and
would be told the token there. Another Pachyderm is asked with what the training's own
Secret says, if the page's account may read that.
"""

import time

from mnist_operator.access import Access
from mnist_operator.cli.clusters import Cluster
from mnist_operator.cli.failures import NoAnswerError, explain, explain_cluster
from mnist_operator.errors import (
    DeniedError,
    InvalidSpecError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.pachyderm import Connection, Connections, Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.settings import Settings

__all__ = ["Pachds", "find_address", "is_own", "tell_failure"]

_ANY_GATEWAY = "localhost"
"""The page asks no S3 gateway, so which one there is does not matter."""


class Pachds:
    """Hands out clients, one for each address and token."""

    def __init__(self, own: Connection, cluster: Cluster) -> None:
        """Ask as `own` where a training names nobody; `cluster` has the Secrets."""
        self._own = own
        self._server = cluster.server
        self._connections = Connections()
        settings = Settings.model_construct(
            pachd_address=own.address, s3_endpoint=_ANY_GATEWAY
        )
        self._access = Access(cluster.kube, self._connections, settings, time.monotonic)

    async def close(self) -> None:
        """Hang up."""
        await self._connections.close()

    async def own(self) -> Pachyderm:
        """The page's own client."""
        return await self._connections.get(self._own)

    async def find(self, training: MnistTraining) -> Pachyderm:
        """The client for a training; nothing is dialled yet.

        Raises:
            NoAnswerError: Its address or its Secret is of no use; the message is one
                line that says who must act.
        """
        if is_own(training, self._own):
            return await self.own()
        try:
            return (await self._access.open(_without_gateway(training))).client
        except InvalidSpecError as error:
            if not isinstance(error.__cause__, DeniedError):
                raise NoAnswerError(error.message) from error
            if _names(training, self._own):
                return await self.own()  # It may be that nobody is asked for a token.
            raise NoAnswerError(_tell_denied(training, error.__cause__)) from error
        except UpstreamError as error:
            raise NoAnswerError(explain_cluster(error, self._server)) from error

    def forget(self, training: MnistTraining) -> None:
        """Read its Secret anew next time: what it holds was refused."""
        self._access.forget(training)


def is_own(training: MnistTraining, own: Connection) -> bool:
    """Whether a training is asked about with the page's own token."""
    has_secret = training.spec.pachyderm.secret_ref is not None
    return _names(training, own) and (own.token is not None or not has_secret)


def _names(training: MnistTraining, own: Connection) -> bool:
    """Whether a training is at the page's own address, however that is written."""
    address = training.spec.pachyderm.address
    if address in {"", own.address}:
        return True
    try:
        return Connection(address, tls=own.tls).target == own.target
    except InvalidSpecError:
        return False


def _without_gateway(training: MnistTraining) -> MnistTraining:
    """The same for who reads no objects: a wrong S3 endpoint is no obstacle."""
    spec = training.spec
    place = spec.pachyderm.model_copy(update={"s3_endpoint": ""})
    changed = spec.model_copy(update={"pachyderm": place})
    return training.model_copy(update={"spec": changed})


def _tell_denied(training: MnistTraining, error: DeniedError) -> str:
    return (
        f"{training.key} is at another Pachyderm than this page, and its Secret (see"
        " spec.pachyderm.secretRef) may not be read by this page: whoever runs the page"
        " binds ClusterRole mnist-operator-secrets to its account in namespace"
        f" {training.namespace} ({error.detail})"
    )


def find_address(training: MnistTraining, own: Connection) -> str:
    """Where its pachd is, fit to be shown: what stands before an @ may be secret."""
    return (training.spec.pachyderm.address or own.address).rpartition("@")[2]


def tell_failure(
    error: UpstreamError, training: MnistTraining, asked: Connection, own: Connection
) -> str:
    """Why pachd gave no answer, in one line that says who must act."""
    signed_in = asked.token is not None
    if asked == own:
        return explain(error, asked.address, signed_in=signed_in)
    place = f"pachd at {find_address(training, own)} (spec.pachyderm of {training.key})"
    match error:
        case UnreachableError():
            why = "does not answer: whoever runs it, or wrote that address, must act"
        case DeniedError() if signed_in:
            why = (
                "refused the token of that Secret: whoever owns the training puts a"
                " valid one there"
            )
        case DeniedError():
            why = "asks for a token: whoever owns the training names a Secret with one"
        case _:
            why = f"could not answer {error.call}: whoever runs it must act"
    return " ".join(f"{place} {why} ({error.detail})".split())
