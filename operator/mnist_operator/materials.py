"""What went into a model: data, an earlier model, images, source, packages. Pure.

Each is a resource descriptor of in-toto: what is unknown of it is left out, and a
digest that a trainer says is taken only in the form that the formats ask for.

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from mnist_operator import warm_start
from mnist_operator.evidence import Evidence, is_sha256
from mnist_operator.runs import digest

__all__ = ["Descriptor", "digest_data", "git_commit", "list_materials", "packages"]

Descriptor: TypeAlias = dict[str, Any]

_PACKAGES = {"requirements": "requirementsSha256", "installed": "installedSha256"}
"""Which packages a trainer ran with, by its own word: the best of what it says."""
_GIT_COMMIT = re.compile(r"[0-9a-f]{40}")


def list_materials(evidence: Evidence) -> Iterator[Descriptor]:
    """All that is known to have gone into a model, as its record names it."""
    yield _data(evidence)
    if evidence.begins_from:
        offered = evidence.attempt[warm_start.PART]
        earlier = warm_start.describe(offered, evidence.manifest)
        if not is_sha256(earlier["digest"]["sha256"]):
            del earlier["digest"]
        yield earlier
    yield from _images(evidence)
    yield from _source(evidence)
    kind, sha256 = packages(evidence)
    if sha256:
        found = {"name": "packages", "digest": {"sha256": sha256}}
        yield found | {"annotations": {"from": kind}}


def _data(evidence: Evidence) -> Descriptor:
    place = evidence.attempt["spec"]["input"]
    commit = evidence.attempt["input"]["commit"]
    repo = f"{place['project']}/{place['repo']}"
    data: Descriptor = {
        "name": "input",
        "uri": f"pachyderm://{repo}@{commit}",
        "annotations": {
            "commit": commit,
            "repo": repo,
            "branch": place["branch"],
            "files": evidence.manifest.get("input") or [],
        },
    }
    sha256 = digest_data(evidence.manifest)
    return data | ({"digest": {"sha256": sha256}} if sha256 else {})


def digest_data(manifest: Mapping[str, Any]) -> str:
    """One sha256 over path and content of every file that was read, if all are known.

    That of the canonical JSON of a list of [path, sha256], sorted; empty if unknown.
    """
    pairs = [[item["path"], item["sha256"]] for item in manifest.get("input") or ()]
    known = pairs and all(is_sha256(sha256) for _, sha256 in pairs)
    return digest(sorted(pairs)) if known else ""


def _images(evidence: Evidence) -> Iterator[Descriptor]:
    """The image that ran; where pods did not all run the same, what the others ran."""
    image: Descriptor = {
        "name": "image",
        "uri": f"oci://{evidence.attempt['spec']['trainer']['image']}",
    }
    sha256 = evidence.image_digest
    yield image | ({"digest": {"sha256": sha256}} if sha256 else {})
    for other in evidence.other_digests:
        yield image | {"digest": {"sha256": other}}


def _source(evidence: Evidence) -> Iterator[Descriptor]:
    """The trainer's source: where it is, and which commit, as far as that is known."""
    environment = evidence.manifest.get("environment") or {}
    source: Descriptor = {}
    if commit := git_commit(evidence):
        source["digest"] = {"gitCommit": commit}
    if isinstance(environment.get("sourceUrl"), str) and environment["sourceUrl"]:
        source["uri"] = environment["sourceUrl"]
    if source and environment.get("sourceRevision"):
        source["annotations"] = {"revision": environment["sourceRevision"]}
    if source:
        yield {"name": "source"} | source


def git_commit(evidence: Evidence) -> str:
    """The commit that the trainer was built from; empty, if it was changed since.

    A tree with changes of its own has a revision that ends in -dirty.
    """
    revision = (evidence.manifest.get("environment") or {}).get("sourceRevision")
    if not isinstance(revision, str):
        return ""
    return revision if _GIT_COMMIT.fullmatch(revision) else ""


def packages(evidence: Evidence) -> tuple[str, str]:
    """How it is known which packages a trainer ran with, and their sha256."""
    environment = evidence.manifest.get("environment") or {}
    for kind, key in _PACKAGES.items():
        sha256 = environment.get(key)
        if is_sha256(sha256):
            return kind, sha256
    return "", ""
