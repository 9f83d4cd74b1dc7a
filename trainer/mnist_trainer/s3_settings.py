"""For reaching the buckets: the S3_* variables of TensorFlow's old S3 file system.

The classic recipe sets them, so they keep their names, their units and their defaults.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from mnist_trainer.errors import ConfigError

__all__ = ["S3Settings", "read_s3_settings"]

_NOBODY: Final = "anonymous"
"""With authentication off, pachd still wants a signature: any key, twice."""

_FALSE: Final = frozenset({"0", "false", "no"})
_TRUE: Final = frozenset({"1", "true", "yes"})

_DAY_MSEC: Final = 86_400_000


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
        source=_bucket("INPUT_BUCKET", source),
        target=_bucket("OUTPUT_BUCKET", target),
        region=environment.get("S3_REGION") or "us-east-1",
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
            f"S3_ENDPOINT is {shown!r}: give HOST:PORT, or a URL of scheme, host and "
            "port alone"
        )
    return value


def _is_origin(url: str) -> bool:
    """Tell a bare origin; one with a password in it is refused, not logged."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        return False
    extras = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and (port_ok and not extras)
    )


def _bucket(variable: str, value: str) -> str:
    if not value or "/" in value or any(letter.isspace() for letter in value):
        raise ConfigError(
            f"{variable} is {value!r}: give COMMIT.BRANCH.REPO or BRANCH.REPO"
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
    except OSError as error:
        raise ConfigError(
            f"S3_CA_FILE is {authorities!r}, which cannot be used ({error}): "
            "mount the authority's certificate (PEM) there"
        ) from error
    return authorities


def _flag(environment: Mapping[str, str], variable: str, *, default: bool) -> bool:
    value = environment.get(variable, "").lower()
    if value not in {""} | _TRUE | _FALSE:
        raise ConfigError(f"{variable} is {value!r}: give 1 or 0")
    return value in _TRUE if value else default


def _whole(
    environment: Mapping[str, str], variable: str, default: int, high: int = _DAY_MSEC
) -> int:
    value = environment.get(variable) or str(default)
    number = int(value) if value.isascii() and value.isdigit() else 0
    if not 1 <= number <= high:
        raise ConfigError(
            f"{variable} is {value!r}: give a whole number from 1 to {high}"
        )
    return number
