"""What the conditions say when a look or an act failed. Pure."""

from mnist_operator.errors import (
    DeniedError,
    HeadOpenError,
    InvalidSpecError,
    NotFoundError,
    PinDeniedError,
    SigningKeyError,
    UnknownTokenError,
    UnreachableError,
    UntrustedError,
    UpstreamError,
)
from mnist_operator.plan import Story
from mnist_operator.status import Reason

__all__ = ["REASONS", "tell"]

REASONS = (
    Reason.INVALID_SPEC,
    Reason.SIGNING_KEY_UNUSABLE,
    Reason.KUBERNETES_UNAVAILABLE,
    Reason.ACCESS_DENIED,
    Reason.CERTIFICATE_REFUSED,
    Reason.OUTPUT_BUSY,
    Reason.SOURCE_UNREACHABLE,
    Reason.INTERNAL_ERROR,
)
"""All that can be told."""

_AWAY = (
    "; is pachd up, and at spec.pachyderm.address (left empty: at the operator's"
    " PACHD_ADDRESS)? Where it speaks TLS, write grpcs://host:port there, or put its"
    " CA into the Secret, key ca.crt."
)


def tell(error: Exception, secret: str = "") -> Story:
    """Say who must act: the user and the platform (Stalled), or time (Reconciling).

    `secret`: that of spec.pachyderm.secretRef, as namespace/name; empty without one.
    """
    match error:
        case InvalidSpecError() | SigningKeyError():
            return _unusable(error)
        case UpstreamError(service="kubernetes"):
            absent = isinstance(error, NotFoundError)
            remedy = " Is the TFJob CRD of Kubeflow installed?" if absent else ""
            return _waiting(Reason.KUBERNETES_UNAVAILABLE, f"{error}{remedy}")
        case DeniedError() | UntrustedError():
            return _refused(error, secret)
        case HeadOpenError():
            return _waiting(Reason.OUTPUT_BUSY, str(error))
        case UpstreamError():
            away = isinstance(error, UnreachableError)
            return _waiting(Reason.SOURCE_UNREACHABLE, f"{error}{away * _AWAY}")
        case _:
            name = type(error).__name__
            message = f"{name}; the operator's log has the traceback."
            return _waiting(Reason.INTERNAL_ERROR, message)


def _unusable(error: InvalidSpecError | SigningKeyError) -> Story:
    """What somebody wrote cannot work: a field of the user's, or the platform's key."""
    if isinstance(error, InvalidSpecError):
        return _stalled(Reason.INVALID_SPEC, str(error))
    message = f"{error}. Until then finished runs wait: none is published unsigned."
    return _stalled(Reason.SIGNING_KEY_UNUSABLE, message)


def _refused(error: DeniedError | UntrustedError, secret: str) -> Story:
    """Either side refuses the other: what is in the Secret, or is not, decides."""
    if isinstance(error, PinDeniedError):
        return _stalled(Reason.ACCESS_DENIED, f"{error}. {_remedy_for_pin(error)}")
    if isinstance(error, DeniedError):
        reason, remedy = Reason.ACCESS_DENIED, _remedy_for_token(error, secret)
    else:
        reason, remedy = Reason.CERTIFICATE_REFUSED, _remedy_for_ca(secret)
    return _stalled(reason, f"{error}. {remedy}")


def _remedy_for_pin(error: PinDeniedError) -> str:
    return (
        "spec.output.provenance: Native needs a branch in the input repo: grant the"
        f" token repoWriter on {error.repo}, or set it to Metadata."
    )


def _remedy_for_token(error: DeniedError, secret: str) -> str:
    if not secret:
        field = "spec.pachyderm.secretRef"
        return f"Name a Secret with key token in {field}, and see to its grants."
    whose = f"Secret {secret} (spec.pachyderm.secretRef)"
    if isinstance(error, UnknownTokenError):
        made = "pachctl auth get-robot-token mnist-operator"
        return f"Put a valid token under key token of {whose}, as of {made}."
    return f"Check key token of {whose}, and its grants."


def _remedy_for_ca(secret: str) -> str:
    if not secret:
        return (
            "Public authorities are trusted; the certificate of another one goes into"
            " key ca.crt of a Secret that spec.pachyderm.secretRef names."
        )
    return (
        f"Key ca.crt of Secret {secret} (spec.pachyderm.secretRef) holds the"
        " certificates of the authorities that are trusted."
    )


def _stalled(reason: Reason, message: str) -> Story:
    return Story(reason, message, ready="False", stalled=True)


def _waiting(reason: Reason, message: str) -> Story:
    return Story(reason, message, ready="False", reconciling=True)
