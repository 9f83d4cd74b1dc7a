"""For deciding who must act when the gateway says no: by status, code and text.

pachd answers 500 both when it is unwell and when a commit is missing or finished, or
a right is: what its gateway does not expect is an internal error there.
"""

import re
from typing import Final

import botocore.exceptions

from mnist_trainer.errors import (
    AccessRefusedError,
    ConfigError,
    OutputRefusedError,
    TrainerError,
)
from mnist_trainer.quotes import printable

__all__ = ["one_line", "refuse"]

_MISSING: Final = re.compile(r"not found|no such|does not exist", re.IGNORECASE)
_DENIED: Final = re.compile(r"not authorized to perform this operation")
_WRONG_HOST: Final = re.compile(r"doesn't match|mismatch")
"""OpenSSL's words, and those of urllib3, which compares the names itself."""
_UNTRUSTED: Final = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|SSL validation failed .* hostname .* doesn't match"
)
_FINISHED: Final = re.compile(r"already finished|finished commit", re.IGNORECASE)

_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
_MOVED: Final = frozenset({301, 308})
"""For good; other redirections are a moment's."""

_PASSING: Final = frozenset(
    {
        "BadDigest",
        "IncompleteBody",
        "OperationAborted",
        "RequestTimeTooSkewed",
        "RequestTimeout",
        "XAmzContentSHA256Mismatch",
    }
)
"""Refusals of what arrived, broken or late, and not of what was asked.
A clock that is wrong may be right on another node."""


def refuse(
    error: Exception, text: str, url: str, missing: type[TrainerError]
) -> TrainerError | None:
    """Decide who must act; nobody, while trying again may help."""
    if isinstance(error, botocore.exceptions.ParamValidationError):
        return ConfigError(f"{url} is no address of an object: {text}")
    if _UNTRUSTED.search(text):
        return AccessRefusedError(
            f"{url} answers with a certificate that is not trusted: "
            f"{_mend_certificate(text)} ({text})"
        )
    if not isinstance(error, botocore.exceptions.ClientError):
        return None
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if error.response.get("Error", {}).get("Code") in _PASSING:
        return None
    if status in _MOVED:
        return ConfigError(
            f"{url} has moved for good: name the gateway itself in S3_ENDPOINT ({text})"
        )
    return _refuse_answer(status, text, url, missing)


def _mend_certificate(text: str) -> str:
    """Say what to do, by what OpenSSL found wrong."""
    if "expired" in text or "not yet valid" in text:
        return "have the gateway's certificate renewed"
    if _WRONG_HOST.search(text):
        return "name the gateway in S3_ENDPOINT by a host that its certificate is for"
    return (
        "put the certificate of the authority that signed it into the file of "
        "S3_CA_FILE, which is key ca.crt of the Secret of spec.pachyderm.secretRef"
    )


def _refuse_answer(
    status: int, text: str, url: str, missing: type[TrainerError]
) -> TrainerError | None:
    if status in {401, 403} or _DENIED.search(text):
        return AccessRefusedError(
            f"{url} is refused to these credentials: give AWS_ACCESS_KEY_ID and "
            f"AWS_SECRET_ACCESS_KEY a token with a role on the repo ({text})"
        )
    if _FINISHED.search(text):
        return OutputRefusedError(
            f"{url} takes no more files, its commit is finished: another attempt has "
            f"taken over, or OUTPUT_BUCKET names the wrong commit ({text})"
        )
    if status == 404 or _MISSING.search(text):  # noqa: PLR2004 (everybody knows it)
        return missing(
            f"{url} does not exist: check the bucket's commit, branch and repo, "
            f"and the path ({text})"
        )
    if _BAD_REQUEST <= status < _SERVER_ERROR and status not in {408, 429}:
        return missing(f"{url} is refused: {text}")
    return None


def one_line(error: Exception) -> str:
    """Repeat what the server said, without what boto3 says around it."""
    text = str(error)
    if isinstance(error, botocore.exceptions.ClientError):
        answer = error.response.get("Error", {})
        about = error.response.get("ResponseMetadata", {})
        # An answer that is not in S3's way has neither.
        code = answer.get("Code") or about.get("HTTPStatusCode")
        text = f"{code}: {answer.get('Message') or 'no reason'}"
        if place := about.get("HTTPHeaders", {}).get("location"):
            text += f", to {place}"
    return printable(" ".join(text.split()))
