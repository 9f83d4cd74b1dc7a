"""For making sense of a gateway's answers, or telling that they make none.

Between here and the gateway are proxies and networks, and each of them can answer in
its place, or cut an answer off in the middle of a word.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import botocore.exceptions
import botocore.parsers
import urllib3.exceptions

__all__ = ["FAILURES", "GarbledError", "find_length", "read_page", "understanding"]

_OK: Final = 200
_NUMBERS: Final = (ValueError, KeyError, TypeError, AttributeError)
"""What boto3 raises where it expects a number and finds something else."""


class GarbledError(Exception):
    """An answer that cannot be understood, which another attempt may get right."""


FAILURES: Final = (
    GarbledError,
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
    botocore.parsers.ResponseParserError,
    urllib3.exceptions.HTTPError,
    ConnectionError,
    TimeoutError,
)
"""All that a request can end in, whether there is an answer or none."""


@contextlib.contextmanager
def understanding() -> Iterator[None]:
    """Tell an answer that makes no sense from a mistake of our own."""
    try:
        yield
    except _NUMBERS as error:
        if isinstance(error, FAILURES):
            raise
        raise GarbledError(f"its answer makes no sense ({error!r})") from error


def find_length(answer: Mapping[str, Any]) -> int:
    """Find how long the file is that begins to arrive; 0 where its end will be told.

    Where it is not known, half of the file would look like all of it.

    Raises:
        GarbledError: nobody says it, or this is a part of the file.

    """
    about = answer["ResponseMetadata"]
    if about["HTTPStatusCode"] != _OK:
        raise GarbledError(f"its answer is {about['HTTPStatusCode']}, not the file")
    if about["HTTPHeaders"].get("transfer-encoding", "").lower() == "chunked":
        return 0
    if answer.get("ContentLength", -1) < 0:
        raise GarbledError("its answer does not say how long the file is")
    return int(answer["ContentLength"])


def read_page(answer: Mapping[str, Any], *, after: str) -> tuple[list[str], bool]:
    """Read the names on a page of a list; and whether there are more.

    Args:
        answer: to a request for the names after ``after``.
        after: the last name of the page before, or nothing.

    Raises:
        GarbledError: this is no list, or one that never ends.

    """
    with understanding():
        names = [each["Key"] for each in answer.get("Contents", ())]
        more = answer["IsTruncated"]
    if names and names[-1] <= after:
        raise GarbledError(f"its list does not go on after {after!r}")
    # An empty page ends it, whatever it says of more.
    return names, bool(names) and more
