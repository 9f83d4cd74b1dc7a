"""Why there is no answer: one line that says who must act, and how. Pure."""

from mnist_operator.errors import (
    DeniedError,
    NotFoundError,
    OperatorError,
    UnreachableError,
    UnsupportedError,
    UpstreamError,
)

__all__ = ["NoAnswerError", "explain", "explain_cluster"]


class NoAnswerError(OperatorError):
    """There was an answer, but what was asked for is not there."""


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
                " whoever runs the cluster for get, list and watch on"
                f" mnisttrainings.mnist-operator.dev ({error.detail})"
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
