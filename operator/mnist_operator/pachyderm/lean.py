"""A ``BranchInfo`` with no more than what is read of it.

A list of a repo has one for each branch, each with a dozen messages inside, and
protobuf in pure Python takes longer for them than the call takes otherwise. So the few
fields that matter are declared once more, here, with the stubs' own numbers; all else
is passed over. What is rarely looked at stays as it travels.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = ["BranchInfo"]

_PACKAGE = "mnist_operator.lean"
_Field = descriptor_pb2.FieldDescriptorProto
_FILE = descriptor_pb2.FileDescriptorProto(
    name="mnist_operator_lean.proto", package=_PACKAGE, syntax="proto3"
)


def _declare(whole: Any, **fields: str) -> None:
    """Declare some fields of a message: "text", "bytes", or a type declared here."""
    message = _FILE.message_type.add(name=whole.DESCRIPTOR.name)
    for name, kind in fields.items():
        field = message.field.add(name=name)
        field.number = whole.DESCRIPTOR.fields_by_name[name].number
        field.label = whole.DESCRIPTOR.fields_by_name[name].label
        if kind == "text":
            field.type = _Field.TYPE_STRING
        elif kind == "bytes":
            field.type = _Field.TYPE_BYTES
        else:
            field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"


_declare(pfs_pb2.Branch, name="text")
_declare(pfs_pb2.Commit, id="text")
_declare(pfs_pb2.BranchInfo, branch="Branch", head="Commit", direct_provenance="bytes")
_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_FILE)
BranchInfo: Any = message_factory.MessageFactory(_POOL).GetPrototype(
    _POOL.FindMessageTypeByName(f"{_PACKAGE}.BranchInfo")
)
"""``direct_provenance`` holds each ``Branch`` as it travels."""
