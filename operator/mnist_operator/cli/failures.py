"""Why there is no answer: one line that says who must act, and how. Pure."""

import re
from enum import IntEnum

from mnist_operator.errors import (
    DeniedError,
    NotFoundError,
    OperatorError,
    UnreachableError,
    UnsupportedError,
    UpstreamError,
)

__all__ = [
    "ExitStatus",
    "NoAnswerError",
    "NotThereError",
    "RunFailedError",
    "TimedOutError",
    "UntrustedRecordError",
    "explain",
    "explain_cluster",
]


class ExitStatus(IntEnum):
    """What a command comes to, for whoever started it."""

    DONE = 0
    NO_ANSWER = 1
    USAGE = 2
    NOT_THERE = 3
    UNTRUSTED = 4
    RUN_FAILED = 5
    TIMED_OUT = 6
    INTERRUPTED = 130


class NoAnswerError(OperatorError):
    """The question could not be answered; the message is one line for its asker."""

    status = ExitStatus.NO_ANSWER


class NotThereError(NoAnswerError):
    """What was asked for is not there, or could be several things."""

    status = ExitStatus.NOT_THERE


class UntrustedRecordError(NoAnswerError):
    """A record, a digest or a signature is not what it should be."""

    status = ExitStatus.UNTRUSTED


class RunFailedError(NoAnswerError):
    """The run that was waited for has failed."""

    status = ExitStatus.RUN_FAILED


class TimedOutError(NoAnswerError):
    """What was waited for did not come in time."""

    status = ExitStatus.TIMED_OUT


def explain(error: OperatorError, address: str, *, signed_in: bool) -> str:
    """Say it in one line, with the remedy."""
    return " ".join(_sentence(error, address, signed_in=signed_in).split())


def _sentence(error: OperatorError, address: str, *, signed_in: bool) -> str:
    match error:
        case UnreachableError():
            return (
                f"pachd at {address} does not answer: name the right one with"
                " --address or PACHD_ADDRESS, grpcs:// where it speaks TLS, or ask"
                f" whoever runs Pachyderm ({error.detail})"
            )
        case DeniedError() if signed_in:
            return (
                f"pachd at {address} refused the token: use a valid one, and ask"
                " whoever runs Pachyderm for repoReader on the output and run repos"
                f" ({error.detail})"
            )
        case DeniedError():
            return (
                f"pachd at {address} wants to know who asks: set PACHYDERM_TOKEN, or"
                f" name a file with a token with --token-file ({error.detail})"
            )
        case UnsupportedError():
            return (
                f"what answers at {address} is no Pachyderm 2: name pachd's gRPC"
                f" address with --address or PACHD_ADDRESS ({error.detail})"
            )
        case UpstreamError():
            return (
                f"pachd at {address} could not answer {error.call}: ask again; if it"
                f" stays so, whoever runs Pachyderm must act ({error.detail})"
            )
        case _:
            return str(error)


def explain_cluster(error: OperatorError, server: str) -> str:
    """Say in one line why Kubernetes gave no answer, with the remedy."""
    return " ".join(_cluster_sentence(error, server).split())


def _cluster_sentence(error: OperatorError, server: str) -> str:
    match error:
        case UnreachableError():
            return (
                f"the API server at {server} does not answer: is the cluster up? Name"
                f" another with --kubeconfig or --context ({error.detail})"
            )
        case DeniedError():
            return (
                f"the API server at {server} refuses this: log in again, or ask"
                f" whoever runs the cluster for {_right(error.call)} ({error.detail})"
            )
        case NotFoundError() if "/tfjobs" in error.call:
            return (
                f"the cluster at {server} serves no TFJobs: install Kubeflow's"
                f" training operator there ({error.detail})"
            )
        case NotFoundError():
            return (
                f"the cluster at {server} serves no MnistTrainings: install the"
                " operator there (kubectl apply -f crds/mnisttraining.yaml), or name"
                f" another cluster with --kubeconfig or --context ({error.detail})"
            )
        case UpstreamError():
            return (
                f"the API server at {server} could not answer {error.call}: ask"
                " again; if it stays so, whoever runs the cluster must act"
                f" ({error.detail})"
            )
        case _:
            return str(error)


def _right(call: str) -> str:
    """The verb and kind of thing that a call needs; whoever looks needs three."""
    method, _, path = call.partition(" ")
    parts = _RESOURCE.match(path)
    if parts is None:
        return "get, list and watch on mnisttrainings.mnist-operator.dev"
    group, plural, name, below = parts.group("group", "plural", "name", "below")
    what = f"{plural}/{below}" if below else plural
    what = f"{what}.{group}" if group else what
    reads = "get" if name else "list"
    verb = _VERBS.get(method, reads)
    if plural == "mnisttrainings" and verb in {"get", "list", "watch"}:
        verb = "get, list and watch"
    return f"{verb} on {what}"


_RESOURCE = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/[^/]+(?:/namespaces/[^/]+)?"
    r"/(?P<plural>[^/?]+)(?:/(?P<name>[^/?]+))?(?:/(?P<below>[^/?]+))?$"
)
_VERBS = {"PATCH": "patch", "POST": "create", "DELETE": "delete", "WATCH": "watch"}
