"""For pachd's S3 gateway: one GET in, one PUT a file out, and patience in between.

What the gateway asks of its clients: signature version 4, path-style addresses, no
checksum trailers (with them an https PUT has no length and is refused), one stream
instead of ranges (each range reads the object from its start), one PUT instead of parts
(each part is a commit of its own).

Who must act when it says no is decided in ``s3_refusals``.
"""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import boto3
import botocore.config
import botocore.exceptions

from mnist_trainer import s3_answers, s3_refusals, storage
from mnist_trainer.errors import (
    ConfigError,
    DataError,
    InputMissingError,
    OutputRefusedError,
    TrainerError,
    UnreachableError,
)
from mnist_trainer.quotes import quote
from mnist_trainer.s3_bounds import bounded_sender
from mnist_trainer.s3_settings import S3Settings
from mnist_trainer.storage import StoredFile

__all__ = ["S3Storage"]

_Result = TypeVar("_Result")

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 8.0
"""Seconds between two attempts: doubled from the first, up to the longest."""

_TEXT_LIMIT: Final = 400


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
            with s3_answers.understanding():
                answer = self._client.get_object(Bucket=bucket, Key=path)
                length = s3_answers.find_length(answer)
            _refuse_larger(path, length, limit)
            with contextlib.closing(answer["Body"]) as body:
                chunks = body.iter_chunks(storage.CHUNK)
                return storage.receive(chunks, path, target, limit=limit)

        return self._persist(transfer, f"s3://{bucket}/{path}", InputMissingError)

    def list_files(self, folder: str) -> list[str]:
        """Ask page after page, in the first version's way.

        The gateway answers the second version too, but without the token that asks
        for the next page: boto3 would take the first one for all there is.
        """
        prefix = f"{folder}/" if folder else ""
        names, more = self._list_page(prefix, after="")
        while names and more:
            page, more = self._list_page(prefix, after=names[-1])
            names += page
        # A folder may itself be an object, and has nothing in it.
        return [name for name in names if not name.endswith("/")]

    def _list_page(self, prefix: str, *, after: str) -> tuple[list[str], bool]:
        """Name the next files, in the order of their names; and tell if any follow."""
        bucket = self._settings.source

        def ask() -> tuple[list[str], bool]:
            with s3_answers.understanding():
                answer = self._client.list_objects(
                    Bucket=bucket, Prefix=prefix, Marker=after
                )
            return s3_answers.read_page(answer, after=after)

        return self._persist(ask, f"s3://{bucket}/{prefix}", InputMissingError)

    def upload(self, source: Path, path: str) -> StoredFile:
        """Put the file whole; into an open commit, putting it twice is as good."""
        bucket = self._settings.target
        described = storage.digest(source, path)

        def transfer() -> StoredFile:
            with source.open("rb") as body, s3_answers.understanding():
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
            except s3_answers.FAILURES as error:
                last = self._told(error)
                refusal = s3_refusals.refuse(error, last, url, missing)
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
        text = s3_refusals.one_line(error)
        for key in (self._settings.access_key, self._settings.secret_key):
            text = text.replace(key, "<key>")
        return text[:_TEXT_LIMIT]


def _connect(settings: S3Settings) -> Any:
    """Build the client with nothing left to the surroundings."""
    try:
        client = boto3.session.Session().client(
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
            f"S3_ENDPOINT is {quote(settings.endpoint)}, S3_REGION "
            f"{quote(settings.region)}: "
            f"correct what cannot be used ({s3_refusals.one_line(error)[:_TEXT_LIMIT]})"
        ) from error
    client.meta.events.register("before-call.s3", _stay)
    client.meta.events.register("before-send.s3", bounded_sender(settings))
    return client


def _stay(params: Mapping[str, Any], **_: object) -> None:
    """Follow no redirection: boto3 would look for the bucket in Amazon's regions.

    It asks the same gateway, whose answer is another redirection, without an end.
    """
    params["context"].setdefault("s3_redirect", {})["redirected"] = True


def _refuse_larger(path: str, size: int, limit: int) -> None:
    if size > limit:
        raise DataError(
            f"/{path} has {size} bytes, the limit is {limit}: push a smaller file"
        )
