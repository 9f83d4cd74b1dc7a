"""For refusing an answer without an end: boto3 reads all of whatever is no file.

A list, a refusal and an acknowledgement are read into memory, also from a proxy that
answers in the gateway's place and never stops.
"""

from collections.abc import Callable
from typing import Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from mnist_trainer.s3_answers import GarbledError
from mnist_trainer.s3_settings import S3Settings

__all__ = ["ANSWER_LIMIT", "bounded_sender"]

ANSWER_LIMIT: Final = 8 << 20
"""Bytes: a list of 1,000 names, each as long as can be, has some three million."""

_CHUNK: Final = 1 << 16


class _BoundedResponse(AWSResponse):  # type: ignore[misc, unused-ignore]
    """An answer of which no more is read than any true one has."""

    _bounded: bytes | None = None

    @property
    def content(self) -> bytes:
        """All of the answer; what follows a file's head never comes here.

        Raises:
            GarbledError: it does not end where a true one would have.

        """
        if self._bounded is None:
            read = bytearray()
            for chunk in self.raw.stream(_CHUNK):
                read += chunk
                if len(read) > ANSWER_LIMIT:
                    self.raw.close()
                    raise GarbledError(f"its answer has more than {ANSWER_LIMIT} bytes")
            self._bounded = bytes(read)
        return self._bounded


def bounded_sender(settings: S3Settings) -> Callable[..., AWSResponse]:
    """Make the handler of ``before-send`` that sends the request, in boto3's place."""
    session = URLLib3Session(
        verify=settings.verify,
        proxies=get_environ_proxies(settings.endpoint),
        timeout=(settings.connect_seconds, settings.request_seconds),
    )

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        request.stream_output = True  # Else it is read before it comes here.
        told = session.send(request)
        return _BoundedResponse(told.url, told.status_code, told.headers, told.raw)

    return send
