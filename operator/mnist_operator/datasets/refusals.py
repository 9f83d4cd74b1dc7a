"""Why something is no data set of labelled images. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager

from mnist_operator.errors import OperatorError

__all__ = ["NoDatasetError", "blame", "printable"]

_LONGEST = 200


class NoDatasetError(OperatorError):
    """Whoever pushed the data must act: file, array and remedy in one line."""


@contextmanager
def blame(name: str) -> Iterator[None]:
    """Begin every refusal with what it is about."""
    try:
        yield
    except NoDatasetError as error:
        raise NoDatasetError(f"{name}: {error}") from error


def printable(text: str) -> str:
    """Keep a stranger's text to one short line that does no harm on a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])
