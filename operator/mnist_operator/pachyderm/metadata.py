"""The metadata map of commits, which python-pachyderm's stubs do not know.

pachd has it since 2.10: ``/metadata.API/EditMetadata`` writes it, field 14 of a
``CommitInfo`` carries it. The few messages are declared here at run time, in a
descriptor pool of their own so that stubs which know them cannot clash.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from mnist_operator.commits import Repo

__all__ = ["METHOD", "NUMBER", "edit_request", "read"]

METHOD = "/metadata.API/EditMetadata"
NUMBER = 14
"""The map's field in a ``CommitInfo``: unknown to the stubs."""

_LARGEST = 256 * 1024
"""Bytes of a map; ours have about 2 KB."""

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "mnist_operator.wire"
_FILE = descriptor_pb2.FileDescriptorProto(
    name="mnist_operator_wire.proto", package=_PACKAGE, syntax="proto3"
)


def _declare(name: str, fields: Mapping[str, tuple[int, str | None]]) -> None:
    """Declare a message; a field is its number and its type.

    None for string; "bytes" for a message that is put in as it travels.
    """
    message = _FILE.message_type.add(name=name)
    for field, (number, kind) in fields.items():
        added = message.field.add(name=field, number=number)
        added.label = _Field.LABEL_OPTIONAL
        added.type = _Field.TYPE_STRING
        if kind == "bytes":
            added.type = _Field.TYPE_BYTES
        elif kind is not None:
            added.type = _Field.TYPE_MESSAGE
            added.type_name = f".{_PACKAGE}.{kind}"


def _repeat(message: int, field: int) -> None:
    _FILE.message_type[message].field[field].label = _Field.LABEL_REPEATED


# On the wire a map is a repeated message of key and value.
_declare("Entry", {"key": (1, None), "value": (2, None)})
_declare("ProjectPicker", {"name": (1, None)})
_declare(
    "RepoName", {"project": (1, "ProjectPicker"), "name": (2, None), "type": (3, None)}
)
_declare("RepoPicker", {"name": (1, "RepoName")})
_declare("CommitId", {"repo": (1, "RepoPicker"), "id": (2, None)})
_declare("CommitPicker", {"id": (2, "CommitId")})
_declare("Edit", {"commit": (2, "bytes"), "edit_key": (12, "Entry")})
_declare("EditMetadataRequest", {"edits": (1, "Edit")})
_repeat(7, 0)
_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_FILE)
_FACTORY = message_factory.MessageFactory(_POOL)


def _message(name: str) -> Any:
    return _FACTORY.GetPrototype(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


_Entry = _message("Entry")
_CommitPicker = _message("CommitPicker")
_EditMetadataRequest = _message("EditMetadataRequest")


class _Unread(Mapping[str, str]):
    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts = parts

    def __getitem__(self, key: str) -> str:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @cached_property
    def _entries(self) -> dict[str, str]:
        try:
            entries = [_Entry.FromString(each) for each in self._parts]
        except (DecodeError, ValueError):  # The latter: a text that is not in UTF-8.
            return {}
        return {entry.key: entry.value for entry in entries}


def read(parts: Sequence[bytes]) -> Mapping[str, str]:
    """The map of a ``CommitInfo``, of its entries as they travel.

    Anybody may edit it: of one that is larger than any of ours nothing is kept. It is
    read when it is first looked into, which the operator itself never does.
    """
    if sum(map(len, parts)) > _LARGEST:
        return {}
    return _Unread(parts) if parts else {}


def edit_request(repo: Repo, commit: str, entries: Mapping[str, str]) -> Any:
    """Ask to set each key; those that are there keep their other neighbours."""
    picker = _CommitPicker()
    name = picker.id.repo.name
    name.project.name, name.name, name.type = repo.project, repo.name, "user"
    picker.id.id = commit
    # All edits are of one commit, whose name is most of each: it is written once.
    picked = picker.SerializeToString()
    request = _EditMetadataRequest()
    for key, value in entries.items():
        edit = request.edits.add(commit=picked)
        edit.edit_key.key, edit.edit_key.value = key, value
    return request
