"""The errors that calls meet: codes and texts as real servers gave them.

Of pachd 2.11.6, by way of the operator's own classifier; and of a kube-apiserver with
the TFJob controller's webhook, as the operator's transport would raise them.
"""

import grpc

from mnist_operator.errors import DeniedError, UnreachableError, UpstreamError
from mnist_operator.pachyderm.failures import classify

__all__ = ["draw_error", "make_denial"]

_Code = grpc.StatusCode
_OUTAGE = (
    (
        _Code.UNAVAILABLE,
        (
            "failed to connect to all addresses; last error: UNKNOWN:"
            " ipv4:127.0.0.1:30650: Failed to connect to remote host: refused"
        ),
    ),
    (_Code.DEADLINE_EXCEEDED, "Deadline Exceeded"),
)
_PACHD = (
    *_OUTAGE,
    (_Code.UNKNOWN, "Stream removed (Deadline Exceeded)"),
    (_Code.CANCELLED, "Channel closed!"),
    (_Code.UNAVAILABLE, "Socket closed"),
    (
        _Code.ABORTED,
        "panic: runtime error: invalid memory address or nil pointer dereference",
    ),
    (_Code.UNKNOWN, "begin transaction: driver: bad connection"),
    (_Code.UNAUTHENTICATED, "provided auth token is corrupted or has expired"),
    (_Code.RESOURCE_EXHAUSTED, "too many requests"),
    (_Code.INTERNAL, ""),
)
_OVERLOAD = (
    (UnreachableError, "Cannot connect to host: Connection refused"),
    (UnreachableError, "Server disconnected"),
    (UpstreamError, "apiserver is shutting down"),
)
_KUBERNETES = (
    *_OVERLOAD,
    (UnreachableError, "TimeoutError"),
    (UpstreamError, "Too many requests, please try again later."),
    (UpstreamError, "etcdserver: request timed out"),
    (UpstreamError, "request did not complete within requested timeout"),
    (
        UpstreamError,
        (
            "Internal error occurred: failed calling webhook "
            '"mutator.tfjob.training-operator.kubeflow.org": connection refused'
        ),
    ),
    (DeniedError, "Unauthorized"),
    (DeniedError, "forbidden: User cannot do this for now"),
)


def draw_error(service, call, random, *, outage=False):
    """One of the errors that this call can meet."""
    if service == "pachd":
        code, text = random.choice(_OUTAGE if outage else _PACHD)
        return classify(call, code, text)
    kind, text = random.choice(_OVERLOAD if outage else _KUBERNETES)
    return kind(service, call, text)


def make_denial(service, call):
    """What pachd says of a token that may not make this call."""
    text = f"user:operator is not authorized to perform this operation - {call}"
    return DeniedError(service, call, text)
