"""For pachd's S3 gateway: one GET in, one PUT a file out, and patience in between.

What the gateway asks of its clients: signature version 4, path-style addresses, no
checksum trailers (with them an https PUT has no length and is refused), one stream
instead of ranges (each range reads the object from its start), one PUT instead of parts
(each part is a commit of its own).

Who must act when it says no is read from the status, the code and the text: pachd
answers 500 both when it is unwell and when a commit is missing or already finished.
"""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import boto3
import botocore.config
import botocore.exceptions
import urllib3.exceptions

from mnist_trainer import storage
from mnist_trainer.errors import (
    AccessRefusedError,
    ConfigError,
    DataError,
    InputMissingError,
    OutputRefusedError,
    TrainerError,
    UnreachableError,
)
from mnist_trainer.s3_settings import S3Settings
from mnist_trainer.storage import StoredFile

__all__ = ["S3Storage"]

_Result = TypeVar("_Result")

_FAILURES: Final = (
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
    urllib3.exceptions.HTTPError,
    ConnectionError,
    TimeoutError,
)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 8.0
"""Seconds between two attempts: doubled from the first, up to the longest."""

_MISSING: Final = re.compile(r"not found|no such|does not exist", re.IGNORECASE)
_WRONG_HOST: Final = re.compile(r"doesn't match|mismatch")
"""OpenSSL's words, and those of urllib3, which compares the names itself."""
_UNTRUSTED: Final = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|SSL validation failed .* hostname .* doesn't match"
)
_FINISHED: Final = re.compile(r"already finished|finished commit", re.IGNORECASE)

_TEXT_LIMIT: Final = 400
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500


class S3Storage:
    """Read from the input commit's bucket and write to the output commit's."""

    def __init__(
        self,
        settings: S3Settings,
        *,
        sleep: Callable[[float], None],
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._client = _connect(settings)
        self._sleep = sleep
        self._say = say

    def download(self, path: str, target: Path, *, limit: int) -> StoredFile:
        """Stream the object once; a stream that breaks is begun anew."""
        bucket = self._settings.source

        def transfer() -> StoredFile:
            answer = self._client.get_object(Bucket=bucket, Key=path)
            _refuse_larger(path, answer["ContentLength"], limit)
            with contextlib.closing(answer["Body"]) as body:
                chunks = body.iter_chunks(storage.CHUNK)
                return storage.receive(chunks, path, target, limit=limit)

        return self._persist(transfer, f"s3://{bucket}/{path}", InputMissingError)

    def upload(self, source: Path, path: str) -> StoredFile:
        """Put the file whole; into an open commit, putting it twice is as good."""
        bucket = self._settings.target
        described = storage.digest(source, path)

        def transfer() -> StoredFile:
            with source.open("rb") as body:
                self._client.put_object(Bucket=bucket, Key=path, Body=body)
            return described

        return self._persist(transfer, f"s3://{bucket}/{path}", OutputRefusedError)

    def _persist(
        self,
        transfer: Callable[[], _Result],
        url: str,
        missing: type[TrainerError],
    ) -> _Result:
        """Try again what may yet succeed, and give up at once on what cannot."""
        last = ""
        for attempt in range(1, self._settings.attempts + 1):
            try:
                return transfer()
            except _FAILURES as error:
                last = self._told(error)
                refusal = _refuse(error, last, url, missing)
                if refusal is not None:
                    raise refusal from error
            if attempt < self._settings.attempts:
                pause = min(_FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE)
                self._say(f"{last}; trying again in {pause:g} s")
                self._sleep(pause)
        raise UnreachableError(
            f"{url} failed {self._settings.attempts} times at "
            f"{self._settings.endpoint}, the last time with: {last}"
        )

    def _told(self, error: Exception) -> str:
        """Repeat it without the keys, which a server may quote in a refusal."""
        text = _one_line(error)
        for key in (self._settings.access_key, self._settings.secret_key):
            text = text.replace(key, "<key>")
        return text[:_TEXT_LIMIT]


def _connect(settings: S3Settings) -> Any:
    """Build the client with nothing left to the surroundings."""
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.region,
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret_key,
            verify=settings.verify,
            config=botocore.config.Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=settings.connect_seconds,
                read_timeout=settings.request_seconds,
                retries={"total_max_attempts": 1},
            ),
        )
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        raise ConfigError(
            f"S3_ENDPOINT is {settings.endpoint!r}, S3_REGION {settings.region!r}: "
            f"correct what cannot be used ({_one_line(error)})"
        ) from error


def _refuse_larger(path: str, size: int, limit: int) -> None:
    if size > limit:
        raise DataError(
            f"/{path} has {size} bytes, the limit is {limit}: push a smaller file"
        )


def _refuse(
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
    if status in {401, 403}:
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


def _one_line(error: Exception) -> str:
    """Repeat what the server said, without what boto3 says around it."""
    text = str(error)
    if isinstance(error, botocore.exceptions.ClientError):
        answer = error.response.get("Error", {})
        text = f"{answer.get('Code')}: {answer.get('Message')}"
    return " ".join(text.split())
