"""The metadata service by hand: python-pachyderm 7.6 has no stubs for it.

The bytes are written here field by field, not with what the local pachd uses, so
that a wrong field number cannot cancel itself out.
"""

from typing import Any

from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb

__all__ = ["commit_metadata", "edit_keys"]

_COMMIT_METADATA = 14


def _field(number: int, data: bytes) -> bytes:
    assert number < 16, "one byte is enough for these field numbers"
    length, size = bytearray(), len(data)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return bytes([number << 3 | 2]) + bytes(length) + data


def edit_keys(channel: Any, repo: str, commit: str, pairs: dict[str, str]) -> None:
    """Set keys of a commit's metadata, each with an edit of its own."""
    project = _field(1, b"default")
    name = _field(1, project) + _field(2, repo.encode()) + _field(3, b"user")
    by_id = _field(1, _field(1, name)) + _field(2, commit.encode())
    target = _field(2, _field(2, by_id))
    request = b"".join(
        _field(
            1, target + _field(12, _field(1, key.encode()) + _field(2, value.encode()))
        )
        for key, value in pairs.items()
    )
    channel.unary_unary("/metadata.API/EditMetadata")(request, timeout=60)


def commit_metadata(info: pb.CommitInfo) -> dict[str, str]:
    """Return the field of a CommitInfo that its class does not know."""
    found = {}
    for unknown in info.UnknownFields():
        if unknown.field_number == _COMMIT_METADATA:
            key, value = _strings(unknown.data)
            found[key] = value
    return found


def _strings(entry: bytes) -> list[str]:
    texts = []
    while entry:
        size = entry[1]
        texts.append(entry[2 : 2 + size].decode())
        entry = entry[2 + size :]
    return texts
