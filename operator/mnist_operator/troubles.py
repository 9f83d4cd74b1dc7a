"""What the conditions say when a look or an act failed. Pure."""

from mnist_operator.errors import (
    DeniedError,
    HeadOpenError,
    InvalidSpecError,
    NotFoundError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.plan import Story
from mnist_operator.status import Reason

__all__ = ["tell"]

_AWAY = (
    "; is pachd up, and at spec.pachyderm.address (left empty: at the operator's"
    " PACHD_ADDRESS)?"
)


def tell(error: Exception) -> Story:
    """Say who must act: the user and the platform (Stalled), or time (Reconciling)."""
    match error:
        case InvalidSpecError():
            return _stalled(Reason.INVALID_SPEC, str(error))
        case UpstreamError(service="kubernetes"):
            absent = isinstance(error, NotFoundError)
            remedy = " Is the TFJob CRD of Kubeflow installed?" if absent else ""
            return _waiting(Reason.KUBERNETES_UNAVAILABLE, f"{error}{remedy}")
        case DeniedError():
            remedy = "Check the Secret of spec.pachyderm.secretRef and its grants."
            return _stalled(Reason.ACCESS_DENIED, f"{error} {remedy}")
        case HeadOpenError():
            return _waiting(Reason.OUTPUT_BUSY, str(error))
        case UpstreamError():
            away = isinstance(error, UnreachableError)
            return _waiting(Reason.SOURCE_UNREACHABLE, f"{error}{away * _AWAY}")
        case _:
            name = type(error).__name__
            message = f"{name}; the operator's log has the traceback."
            return _waiting(Reason.INTERNAL_ERROR, message)


def _stalled(reason: Reason, message: str) -> Story:
    return Story(reason, message, ready="False", stalled=True)


def _waiting(reason: Reason, message: str) -> Story:
    return Story(reason, message, ready="False", reconciling=True)
