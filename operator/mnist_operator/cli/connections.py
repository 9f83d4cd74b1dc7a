"""Who asks which pachd: addresses, tokens and certificates from the command line.

A token has no option of its own: command lines can be read by every user of a
machine.
"""

from pathlib import Path

from mnist_operator.errors import InvalidSpecError
from mnist_operator.pachyderm import Connection

__all__ = ["make_connection"]


def make_connection(
    address: str, *, token: str, token_file: Path | None, ca_file: Path | None
) -> Connection:
    """Put a connection together; a file with a token counts more than the variable.

    Raises:
        ValueError: Something cannot be used; the message says which, not what.
    """
    if token_file is not None:
        token = _read(token_file, "--token-file").decode(errors="replace")
    token = token.strip()
    if not (token.isascii() and (token.isprintable() or not token)):
        raise ValueError("the token has characters that no token has")
    connection = Connection(
        address,
        token=token or None,
        root_certificates=_read(ca_file, "--ca-file") if ca_file else None,
        tls=ca_file is not None,
    )
    try:
        connection.target  # noqa: B018 - the property says whether it can be dialled
    except InvalidSpecError as error:
        # Without the address itself: somebody may have put a password into it.
        _, _, why = error.message.rpartition(" cannot be used: ")
        raise ValueError(f"--address cannot be used: {why}") from None
    return connection


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{option} {path}: {error.strerror}") from None
