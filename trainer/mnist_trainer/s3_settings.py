"""For reaching the buckets: the S3_* variables of TensorFlow's old S3 file system.

The classic recipe sets them, so they keep their names, their units and their defaults.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from mnist_trainer.errors import ConfigError
from mnist_trainer.quotes import has_controls, quote

__all__ = ["S3Settings", "check_bucket", "read_s3_settings"]

_NOBODY: Final = "anonymous"
"""With authentication off, pachd still wants a signature: any key, twice."""

_FALSE: Final = frozenset({"0", "false", "no"})
_TRUE: Final = frozenset({"1", "true", "yes"})

_DAY_MSEC: Final = 86_400_000

_WHOLE: Final = re.compile(r"[0-9]{1,18}")
_LONGEST_URL: Final = 300
"""Characters; a name of the DNS has at most 253 of them."""
_REGION: Final = re.compile(r"[a-zA-Z0-9-]{1,63}")
_BUCKET: Final = re.compile(r"[a-zA-Z0-9._-]{1,255}")
"""What boto3 takes for the name of a bucket."""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where the buckets are, and how long to wait for them."""

    endpoint: str
    """A URL without a path; its scheme decides about TLS."""
    source: str
    """Bucket of the input commit."""
    target: str
    """Bucket of this run's own output commit."""
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    verify: bool | str
    """Check certificates: yes, no, or against the authorities in this file."""
    request_seconds: float
    connect_seconds: float
    attempts: int
    """How often one transfer is tried before the run is given up."""


def read_s3_settings(
    environment: Mapping[str, str], *, source: str, target: str
) -> S3Settings:
    """Read the variables, or say which one cannot be used and why."""
    access, secret = _credentials(environment)
    return S3Settings(
        endpoint=_endpoint(environment),
        source=check_bucket("INPUT_BUCKET", source),
        target=check_bucket("OUTPUT_BUCKET", target),
        region=_region(environment.get("S3_REGION") or "us-east-1"),
        access_key=access,
        secret_key=secret,
        verify=_verify(environment),
        request_seconds=_whole(environment, "S3_REQUEST_TIMEOUT_MSEC", 300_000) / 1e3,
        connect_seconds=_whole(environment, "S3_CONNECT_TIMEOUT_MSEC", 10_000) / 1e3,
        # boto3's own name for the same thing; some fifteen seconds in all.
        attempts=_whole(environment, "AWS_MAX_ATTEMPTS", 6, high=100),
    )


def _endpoint(environment: Mapping[str, str]) -> str:
    value = environment.get("S3_ENDPOINT", "").rstrip("/")
    if not value:
        raise ConfigError(
            "S3_ENDPOINT is missing: give HOST:PORT of pachd's S3 gateway, "
            "or --data FILE --output FOLDER to train without one"
        )
    if "://" not in value:
        secure = _flag(environment, "S3_USE_HTTPS", default=True)
        value = f"{'https' if secure else 'http'}://{value}"
    if not _is_origin(value):
        # Whatever stands before an @ may be a password.
        shown = value.rpartition("@")[2]
        raise ConfigError(
            f"S3_ENDPOINT is {quote(shown)}: give HOST:PORT, or a URL of scheme, host "
            "and port alone"
        )
    return value


def _is_origin(url: str) -> bool:
    """Tell a bare origin; one with a password in it is refused, not logged."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if has_controls(url) or " " in url or len(url) > _LONGEST_URL:
        return False  # urlsplit has left out some of them.
    extras = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and (port_ok and not extras)
    )


def check_bucket(variable: str, value: str) -> str:
    """Return a name that a bucket can have.

    Raises:
        ConfigError: none can have this one.

    """
    if not _BUCKET.fullmatch(value):
        raise ConfigError(
            f"{variable} is {quote(value)}: give COMMIT.BRANCH.REPO or BRANCH.REPO"
        )
    return value


def _region(value: str) -> str:
    if not _REGION.fullmatch(value):
        raise ConfigError(
            f"S3_REGION is {quote(value)}: give letters, digits and hyphens"
        )
    return value


def _credentials(environment: Mapping[str, str]) -> tuple[str, str]:
    # A Secret made of a file often ends with a newline, which no token has.
    access = environment.get("AWS_ACCESS_KEY_ID", "").strip()
    secret = environment.get("AWS_SECRET_ACCESS_KEY", "").strip()
    if not access and not secret:
        return _NOBODY, _NOBODY
    if not access or not secret:
        missing = "AWS_SECRET_ACCESS_KEY" if access else "AWS_ACCESS_KEY_ID"
        raise ConfigError(
            f"{missing} is missing while its counterpart is set: "
            "set both (to Pachyderm's token), or neither"
        )
    for variable, value in (
        ("AWS_ACCESS_KEY_ID", access),
        ("AWS_SECRET_ACCESS_KEY", secret),
    ):
        # Whoever cannot send it would quote it.
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise ConfigError(
                f"{variable} has characters that cannot be sent: "
                "store the bare token in the Secret, on one line"
            )
    return access, secret


def _verify(environment: Mapping[str, str]) -> bool | str:
    if not _flag(environment, "S3_VERIFY_SSL", default=True):
        return False
    authorities = environment.get("S3_CA_FILE", "")
    if not authorities:
        return True
    try:
        ssl.create_default_context(cafile=authorities)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"S3_CA_FILE is {quote(authorities)}, which cannot be used ({error}): "
            "mount the authority's certificate (PEM) there"
        ) from error
    return authorities


def _flag(environment: Mapping[str, str], variable: str, *, default: bool) -> bool:
    value = environment.get(variable, "").lower()
    if value not in {""} | _TRUE | _FALSE:
        raise ConfigError(f"{variable} is {quote(value)}: give 1 or 0")
    return value in _TRUE if value else default


def _whole(
    environment: Mapping[str, str], variable: str, default: int, high: int = _DAY_MSEC
) -> int:
    value = environment.get(variable) or str(default)
    number = int(value) if _WHOLE.fullmatch(value) else 0
    if not 1 <= number <= high:
        raise ConfigError(
            f"{variable} is {quote(value)}: give a whole number from 1 to {high}"
        )
    return number
