"""What an error of pachd means for us.

Most of pachd's own errors arrive with the code UNKNOWN, so the text decides
first and the code only where no text is known. This is the one place that reads
either.
"""

import re

import grpc

from mnist_operator import errors
from mnist_operator.commits import Repo, say_finish
from mnist_operator.foreign import plain

__all__ = ["classify", "is_too_large"]

_SERVICE: errors.Service = "pachd"

# pachd says much in one message (wrapped errors, hints); this much is enough for
# a condition, and keeps a status small.
_DETAIL_LIMIT = 500

_READ_LIMIT = 16 * 1024
"""Of a text that is searched for known words."""

_Kind = type[errors.UpstreamError]

_TEXTS: tuple[tuple[_Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        # Auth errors come as UNAUTHENTICATED, INTERNAL or UNKNOWN.
        (errors.UnknownTokenError, r"no authentication (token|metadata)"),
        (errors.UnknownTokenError, r"auth token is corrupted or has expired"),
        (errors.UnknownTokenError, r"token expiration is in the past"),
        (errors.DeniedError, r"not authorized to perform this operation"),
        (errors.HeadOpenError, r"parent commit .* has not been finished"),
        (errors.AlreadyFinishedError, r"commit .* has already finished"),
        (errors.AlreadyFinishedError, r"cannot clear finished commit"),
        (errors.ConflictError, r"already exists"),
        (errors.ConflictError, r"cannot be dropped because it has subvenant"),
        (errors.ConflictError, r"cannot squash a commit that has no children"),
        (errors.ConflictError, r"cannot drop a commit that has children"),
        (errors.UnfinishedBaseError, r"base commit .* unfinished"),
        (errors.ConflictError, r"cannot be deleted because it's in the direct prov"),
        (errors.NotFoundError, r"(repo|branch|commit|file|project)\b.* not found"),
        (errors.NotFoundError, r"no commits found for commitset"),
        (errors.NotFoundError, r"commit .* was deleted"),
        (errors.NotFoundError, r"has no head"),
        (errors.NotFoundError, r"path does not exist"),
        # Where rights are looked up first, that is how pachd finds that a repo or
        # project is missing: each has a binding from its beginning to its end.
        (errors.NotFoundError, r"no role binding exists for"),
        # gRPC itself reports a connection that died under a call as UNKNOWN too.
        (errors.UnreachableError, r"^Stream removed"),
    )
)

# pachd names the commit, and neither what is wrong with that nor what to do.
_OPEN_HEAD = re.compile(
    r"parent commit (?P<project>[\w-]+)/(?P<name>[\w-]+)@(?P<commit>\w+)"
    r" has not been finished"
)

# Trying again cannot help here: someone must choose otherwise.
_CHOICES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"name \(.*\) invalid: "), "choose another name"),
    (
        re.compile(r"cannot participate in a DAG"),
        "set spec.output.provenance to Metadata",
    ),
    (
        re.compile(r"cannot start a commit on an output branch"),
        "choose a branch without provenance, or take the provenance off it",
    ),
)

_CODES: dict[grpc.StatusCode, _Kind] = {
    grpc.StatusCode.UNAUTHENTICATED: errors.UnknownTokenError,
    grpc.StatusCode.PERMISSION_DENIED: errors.DeniedError,
    grpc.StatusCode.NOT_FOUND: errors.NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: errors.ConflictError,
    grpc.StatusCode.UNAVAILABLE: errors.UnreachableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.UnreachableError,
    grpc.StatusCode.CANCELLED: errors.UnreachableError,
    grpc.StatusCode.UNIMPLEMENTED: errors.UnsupportedError,
}

# Of TLS, gRPC tells the address and OpenSSL's place in the source; this is what it
# means. Time mends none of it.
_TLS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"certificate has expired|certificate is not yet valid"),
        "its certificate has expired, or is not valid yet; renew it",
    ),
    (
        re.compile(r"Hostname Verification Check failed"),
        (
            "its certificate is for another host than spec.pachyderm.address (left"
            " empty: the operator's PACHD_ADDRESS); use a name that it has, or reissue"
            " it"
        ),
    ),
    (
        re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate signature failure"),
        "its certificate comes from an authority that is not trusted here",
    ),
    (re.compile(r"WRONG_VERSION_NUMBER"), "it does not speak TLS at this address"),
)

# Of gRPC itself, on either side. pachd's own words for a lack of time are others.
_SIZE = re.compile(r"message larger than max")

# These say what happened on the way; no text of pachd's outranks them.
_TRANSPORT = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)


def classify(
    call: str, code: grpc.StatusCode, details: str | None
) -> errors.OperatorError:
    """Turn a failed call into the error that says who must act."""
    text = plain((details or "").strip(), _READ_LIMIT)
    for choice, remedy in _CHOICES:
        if choice.search(text):
            return errors.InvalidSpecError(
                f"pachd refuses: {text[:_DETAIL_LIMIT]}; {remedy}"
            )
    if code is grpc.StatusCode.UNAVAILABLE:
        for trouble, words in _TLS:
            if trouble.search(text):
                return errors.UntrustedError(_SERVICE, call, words)
    detail = f"{code.name}: {text}"[:_DETAIL_LIMIT] if text else code.name
    if is_too_large(code, text):
        return errors.TooLargeError(_SERVICE, call, detail)
    kind = _kind(code, text)
    if kind is errors.HeadOpenError and (open_head := _OPEN_HEAD.search(text)):
        return kind(_SERVICE, call, _say_open(open_head))
    return kind(_SERVICE, call, detail)


def _say_open(found: re.Match[str]) -> str:
    """What an open head means; who opened it, the next look tells."""
    repo, commit = Repo(found["project"], found["name"]), found["commit"]
    return (
        f"commit {repo}@{commit} is still open, and no other can follow it; where"
        f" nobody writes to it any more, {say_finish(repo, commit)}"
    )


def is_too_large(code: grpc.StatusCode, details: str | None) -> bool:
    """Whether a message was beyond a limit, and not the server short of time."""
    exhausted = code is grpc.StatusCode.RESOURCE_EXHAUSTED
    return exhausted and _SIZE.search((details or "")[:_READ_LIMIT]) is not None


def _kind(code: grpc.StatusCode, text: str) -> _Kind:
    if code not in _TRANSPORT:
        for kind, pattern in _TEXTS:
            if pattern.search(text):
                return kind
    return _CODES.get(code, errors.UpstreamError)
