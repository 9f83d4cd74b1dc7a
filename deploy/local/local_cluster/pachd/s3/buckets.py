"""Buckets: which branch or commit a name means, and what lies in it."""

import re
from dataclasses import dataclass

from aiohttp import web

from local_cluster.pachd.branches import new_id
from local_cluster.pachd.errors import PfsError
from local_cluster.pachd.records import BranchKey, Commit, CommitKey, RepoKey, Tree
from local_cluster.pachd.repos import create_repo
from local_cluster.pachd.s3.replies import (
    S3Error,
    Xml,
    document,
    element,
    internal_error,
    iso_time,
    no_such_bucket,
    owner,
)
from local_cluster.pachd.trees import content_size
from local_cluster.pachd.views import tree_of
from local_cluster.pachd.world import World

__all__ = [
    "Bucket",
    "create_bucket",
    "delete_bucket",
    "list_buckets",
    "list_objects",
    "parse_bucket",
]

_COMMIT = re.compile(r"[0-9a-f]{12}4[0-9a-f]{19}")
_MOST_KEYS = 1000


@dataclass(frozen=True, slots=True)
class Bucket:
    """A branch, or one commit for ever."""

    name: str
    branch: BranchKey
    commit: str | None

    @property
    def repo(self) -> RepoKey:
        """The repo in which the bucket lies."""
        return self.branch.repo

    def target(self) -> CommitKey | BranchKey:
        """Return where writing to this bucket goes."""
        if self.commit is not None:
            return CommitKey(self.repo, self.commit)
        return self.branch

    def resolve(self, world: World) -> Commit:
        """Return the commit to read, or refuse as the gateway does.

        It asks for the branch first, also where the commit alone would do.
        """
        repo = world.store.repos.get(self.repo)
        branch = repo.branches.get(self.branch.name) if repo else None
        if branch is None:
            raise no_such_bucket()
        try:
            return world.commits.find(self.repo, self.commit or branch.head)
        except PfsError as refusal:
            raise internal_error(refusal.details) from None


def parse_bucket(name: str) -> Bucket:
    """Return what a name means: [commit.][branch.]repo[.project]."""
    parts = name.split(".")
    commit = parts.pop(0) if len(parts) > 1 and _COMMIT.fullmatch(parts[0]) else None
    match parts:
        case [repo]:
            branch, project = "master", "default"
        case [branch, repo]:
            project = "default"
        case [branch, repo, project]:
            pass
        case _:
            raise no_such_bucket()
    return Bucket(name, BranchKey(RepoKey(project, repo), branch), commit)


def list_buckets(world: World) -> web.Response:
    """Return one bucket for every branch."""
    branches = sorted(world.store.all_branches(), key=lambda branch: branch.key)
    rows = [
        element(
            "Bucket",
            element("Name", f"{b.key.name}.{b.key.repo.name}.{b.key.repo.project}"),
            element("CreationDate", iso_time(world.store.repo(b.key.repo).created)),
        )
        for b in branches
    ]
    return document(
        element("ListAllMyBucketsResult", owner(), element("Buckets", *rows))
    )


def create_bucket(world: World, bucket: Bucket) -> web.Response:
    """Make a branch, and its repo where there is none."""
    if bucket.commit is not None:
        raise S3Error(400, "InvalidBucketName", "The specified bucket is not valid.")
    if bucket.repo not in world.store.repos:
        create_repo(world, bucket.repo, description="")
    if world.branches.get(bucket.branch) is not None:
        words = "The bucket you tried to create already exists, and you own it."
        raise S3Error(409, "BucketAlreadyOwnedByYou", words)
    with world.store.transaction():
        world.branches.create(
            bucket.branch, head=None, provenance=(), transaction=new_id()
        )
    return web.Response()


def delete_bucket(world: World, bucket: Bucket) -> web.Response:
    """Delete a branch."""
    bucket.resolve(world)
    with world.store.transaction():
        world.branches.delete(bucket.branch, force=False)
    return web.Response(status=204)


def list_objects(world: World, bucket: Bucket, request: web.Request) -> web.Response:
    """Return one page of a bucket, always as the first version of S3 spells it.

    So a client of version 2 finds no token to go on with after the first page.
    """
    commit = bucket.resolve(world)
    tree = tree_of(world.store, commit)
    asked = {name: request.query.get(name, "") for name in ("prefix", "delimiter")}
    marker = request.query.get("marker", "")
    limit = min(int(request.query.get("max-keys", _MOST_KEYS)), _MOST_KEYS)
    if asked["delimiter"] not in {"", "/"}:
        words = "The delimiter you specified is invalid. It must be '' or '/'."
        raise S3Error(400, "InvalidDelimiter", words)
    names = [n for n in _names(tree, asked["prefix"], asked["delimiter"]) if n > marker]
    page, cut = names[:limit], len(names) > limit
    rows = [
        element("Name", bucket.name),
        element("Prefix", asked["prefix"]),
        element("Marker", marker),
        element("MaxKeys", limit),
        element("IsTruncated", "true" if cut else "false"),
    ]
    if asked["delimiter"]:
        rows.append(element("Delimiter", asked["delimiter"]))
    if cut:
        rows.append(element("NextMarker", page[-1]))
    rows += [_row(world, commit, tree, name) for name in page]
    return document(element("ListBucketResult", *rows))


def _names(tree: Tree, prefix: str, delimiter: str) -> list[str]:
    """Return keys, and folders cut off at the delimiter, in order, each once."""
    keys = (path.removeprefix("/") for path in tree)
    cut = (_cut(key, prefix, delimiter) for key in keys if key.startswith(prefix))
    return sorted(set(cut))


def _cut(key: str, prefix: str, delimiter: str) -> str:
    rest = key.removeprefix(prefix)
    if not delimiter or delimiter not in rest:
        return key
    return prefix + rest.partition(delimiter)[0] + delimiter


def _row(world: World, commit: Commit, tree: Tree, name: str) -> Xml:
    content = tree.get(f"/{name}")
    if content is None:
        return element("CommonPrefixes", element("Prefix", name))
    etag = world.store.blobs.file_hash(content).hex()
    return element(
        "Contents",
        element("Key", name),
        element("LastModified", iso_time(commit.finishing)),
        element("ETag", f'"{etag}"'),
        element("Size", content_size(content)),
        element("StorageClass", "STANDARD"),
        owner(),
    )
