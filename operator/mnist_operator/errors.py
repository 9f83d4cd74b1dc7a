"""What can go wrong, sorted by who must act.

::

    OperatorError
    ├── InvalidSpecError         the user: a field of the resource cannot work
    ├── SigningKeyError          the platform: what records are signed with is no key
    └── UpstreamError            the world: try again, with backoff
        ├── UnreachableError     nobody answered, or not in time
        │   └── UntrustedError         its certificate is none that we trust
        ├── DeniedError          the token was refused; whoever grants it must act
        │   ├── UnknownTokenError      there is none, or none that is valid
        │   └── PinDeniedError         it may not create a branch in the input repo
        ├── NotFoundError        it is not there, or not any more
        │   └── InputGoneError         the commit that a model was trained on
        ├── RefusedError         it takes no such thing, however often it is asked
        ├── UnsupportedError     this server does not know the call
        ├── TooLargeError        the answer is more than we take
        └── ConflictError        a race was lost: look again before the next try
            ├── HeadOpenError          the branch's head is still being written
            ├── UnfinishedBaseError    what a commit stands on is still being finished
            └── AlreadyFinishedError   the commit is closed for good

None of them ever carries a token, a password or a key.
"""

from typing import Literal

__all__ = [
    "AlreadyFinishedError",
    "ConflictError",
    "DeniedError",
    "HeadOpenError",
    "InputGoneError",
    "InvalidSpecError",
    "NotFoundError",
    "OperatorError",
    "PinDeniedError",
    "RefusedError",
    "Service",
    "SigningKeyError",
    "TooLargeError",
    "UnfinishedBaseError",
    "UnknownTokenError",
    "UnreachableError",
    "UnsupportedError",
    "UntrustedError",
    "UpstreamError",
]

Service = Literal["pachd", "kubernetes"]


class OperatorError(Exception):
    """Anything that this operator raises on purpose."""


class InvalidSpecError(OperatorError):
    """The user must act: the message names field, value and remedy."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SigningKeyError(OperatorError):
    """Whoever runs the operator must act: its signing key cannot be used."""


class UpstreamError(OperatorError):
    """A service outside did not do what it was asked: retry with backoff."""

    def __init__(self, service: Service, call: str, detail: str) -> None:
        super().__init__(service, call, detail)
        self.service = service
        self.call = call
        self.detail = detail

    def __str__(self) -> str:
        """Say it in one line, as conditions and logs want it."""
        return f"{self.service}: {self.call}: {self.detail}"


class UnreachableError(UpstreamError):
    """Nobody answered, the connection broke, or the answer came too late."""


class UntrustedError(UnreachableError):
    """Its certificate is not trusted, so nothing was said: somebody must act."""


class DeniedError(UpstreamError):
    """The credentials were refused: the user or the platform must act."""


class UnknownTokenError(DeniedError):
    """No token was given, or one that is not valid (any more): grants say nothing."""


class PinDeniedError(DeniedError):
    """Native provenance needs a branch in the input repo, and the token may not."""

    def __init__(self, repo: str, detail: str) -> None:
        super().__init__("pachd", "CreateBranch", detail)
        self.repo = repo
        """project/name of the input repo."""


class NotFoundError(UpstreamError):
    """The thing asked for is not there, or not any more."""


class InputGoneError(NotFoundError):
    """The input commit of a model was squashed or dropped before it was published."""


class RefusedError(UpstreamError):
    """What was sent is invalid, or a policy forbids it: sending it again is no use."""


class UnsupportedError(UpstreamError):
    """The server does not know the call: too old, or a part is switched off."""


class TooLargeError(UpstreamError):
    """The answer is larger than anything that was expected: it was not read."""


class ConflictError(UpstreamError):
    """A race was lost: it exists already, is finished, or is not yet."""


class HeadOpenError(ConflictError):
    """The head of the branch is still open, so no commit can follow it."""


class UnfinishedBaseError(ConflictError):
    """A commit cannot be read yet: what it stands on is not finished."""


class AlreadyFinishedError(ConflictError):
    """The commit was finished before: nothing can be written to it."""
