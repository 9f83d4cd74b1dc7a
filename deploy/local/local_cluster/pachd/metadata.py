"""The metadata service of pachd 2.10 and later, which has no stubs here.

python-pachyderm 7.6 ends before it, so its messages are described at run time, and
only as far as they are needed: editing keys of a commit.
"""

from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from local_cluster.pachd.errors import PfsError, unknown
from local_cluster.pachd.records import Commit, RepoKey
from local_cluster.pachd.world import World

__all__ = ["metadata_handler", "metadata_messages"]

_PACKAGE = "local_cluster_metadata"
_STRING = descriptor_pb2.FieldDescriptorProto.TYPE_STRING

_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "ProjectPicker": {"name": (1, "")},
    "RepoName": {"project": (1, "ProjectPicker"), "name": (2, ""), "type": (3, "")},
    "RepoPicker": {"name": (1, "RepoName")},
    "BranchName": {"repo": (1, "RepoPicker"), "name": (2, "")},
    "BranchPicker": {"name": (1, "BranchName")},
    "CommitById": {"repo": (1, "RepoPicker"), "id": (2, "")},
    "CommitPicker": {"branch_head": (1, "BranchPicker"), "id": (2, "CommitById")},
    "Entry": {"key": (1, ""), "value": (2, "")},
    "Replace": {"replacement": (1, "[Entry]")},
    "Edit": {
        "commit": (2, "CommitPicker"),
        "replace": (10, "Replace"),
        "add_key": (11, "Entry"),
        "edit_key": (12, "Entry"),
        "delete_key": (13, "Entry"),
    },
    "EditMetadataRequest": {"edits": (1, "[Edit]")},
    "EditMetadataResponse": {},
}
"""Every message by name: its fields, each with its number and its type.

No type is a string, brackets make a list. A map is a list of entries on the wire.
"""


def metadata_messages() -> dict[str, Any]:
    """Return the classes of all messages above, made in a pool of their own."""
    file = descriptor_pb2.FileDescriptorProto(
        name="local_cluster/metadata.proto", package=_PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            _describe(message.field.add(name=field, number=number), kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {
        name: factory.GetPrototype(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _MESSAGES
    }


def _describe(field: Any, kind: str) -> None:
    field.label = field.LABEL_REPEATED if kind.startswith("[") else field.LABEL_OPTIONAL
    field.type = field.TYPE_MESSAGE if kind else field.TYPE_STRING
    if kind:
        field.type_name = f".{_PACKAGE}.{kind.strip('[]')}"


def metadata_handler(world: World) -> Any:
    """Return the gRPC handler of `metadata.API`."""
    messages = metadata_messages()

    async def edit(request: Any, _: Any) -> Any:
        with world.store.transaction():
            for index, each in enumerate(request.edits):
                _apply(world, index, each)
        return messages["EditMetadataResponse"]()

    handler = grpc.unary_unary_rpc_method_handler(
        edit,
        request_deserializer=messages["EditMetadataRequest"].FromString,
        response_serializer=messages["EditMetadataResponse"].SerializeToString,
    )
    return grpc.method_handlers_generic_handler(
        "metadata.API", {"EditMetadata": handler}
    )


def _apply(world: World, index: int, edit: Any) -> None:
    commit = _pick(world, index, edit.commit)
    kind = next(
        (
            k
            for k in ("replace", "add_key", "edit_key", "delete_key")
            if edit.HasField(k)
        ),
        None,
    )
    if kind == "replace":
        commit.metadata = {each.key: each.value for each in edit.replace.replacement}
    elif kind == "delete_key":
        commit.metadata.pop(edit.delete_key.key, None)
    elif kind == "add_key" and edit.add_key.key in commit.metadata:
        raise unknown(f"apply edits: edit #{index}: key {edit.add_key.key!r} exists")
    elif kind is not None:
        entry = getattr(edit, kind)
        commit.metadata[entry.key] = entry.value
    world.store.save(commit)


def _pick(world: World, index: int, picker: Any) -> Commit:
    by_id = picker.HasField("id")
    repo = picker.id.repo.name if by_id else picker.branch_head.name.repo.name
    name = picker.id.id if by_id else picker.branch_head.name.name
    key = RepoKey(repo.project.name or "default", repo.name)
    try:
        return world.commits.find(key, name)
    except PfsError:
        where = f"{key}.{repo.type or 'user'}@{name}"
        raise unknown(
            f"apply edits: edit #{index}: pick commit: picking commit: get commit by "
            f"commit key: commit (int_id=0, commit_id={where}) not found"
        ) from None
