"""What is known of a run that ended well, and whether it can be believed. Pure.

Until its staging commit is closed, a job can write to every file there, the
operator's own included; but not to the commit's description. So where it ran is
taken from there, what it was asked is compared with it, and the trainer's files
are compared with the trainer's own list.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from mnist_operator import warm_start
from mnist_operator.foreign import nests_deeply, read_json
from mnist_operator.runs import (
    Attempt,
    build_request,
    canonical,
    digest,
    manifest_file,
)
from mnist_operator.test_result import PROMOTION_FILE, build_test_result
from mnist_operator.trial import Trial, read_report

__all__ = [
    "BUNDLE_FILE",
    "LINEAGE_FILE",
    "Evidence",
    "HashedFile",
    "find_fault",
    "is_request",
    "is_sha256",
    "with_verdict",
]

LINEAGE_FILE = "/lineage.json"
BUNDLE_FILE = "/lineage.sigstore.json"
"""Beside it, where the operator signs."""
_OURS = (LINEAGE_FILE, BUNDLE_FILE, PROMOTION_FILE)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST = 10**6
_NEEDED = ("tfjob", "startedAt", "endedAt")
"""Facts that the operator always writes; without them somebody else did."""
_MANIFEST_PARTS = {
    "files": list,
    "input": list,
    "metrics": dict,
    "parameters": dict,
    "environment": dict,
}


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file of a run, with the sha256 (hexadecimal) that the operator computed."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of one successful attempt, read back from Pachyderm."""

    attempt: Mapping[str, Any]
    """attempt.json: what was asked."""
    facts: Mapping[str, str]
    """`Attempt.facts`: where and when it ran."""
    manifest: Mapping[str, Any]
    """run.json: what the trainer read and wrote; empty for a trainer without one."""
    files: Sequence[HashedFile]
    """What is to be published, hashed after the staging commit was closed."""
    previous: str
    """This training's model commit before this one; empty for the first."""
    promotion: bytes = b""
    """promotion.json, which the operator adds; empty where nothing was compared."""

    @property
    def accuracy(self) -> str:
        """The accuracy as a decimal string; empty when none was reported.

        Percents are told as they come; what would take a page of digits is not told.
        """
        value = (self.manifest.get("metrics") or {}).get("accuracy")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        return f"{value:.4f}" if abs(value) < _MOST else ""

    @property
    def begins_from(self) -> str:
        """The model commit that it began from, by its own words; empty: from none."""
        offered: Mapping[str, str] = self.attempt.get(warm_start.PART) or {}
        taken = warm_start.is_taken(self.manifest)
        return offered.get("commit", "") if taken else ""

    @property
    def image_digest(self) -> str:
        """sha256 of the image that ran, by the pod's imageID; empty if unknown."""
        return _read_digest(self.facts.get("imageID", ""))

    @property
    def other_digests(self) -> list[str]:
        """sha256 of each other image, where the pods of a run did not run the same."""
        others = self.facts.get("otherImages", "").split(", ")
        return list(filter(None, map(_read_digest, others)))


def with_verdict(evidence: Evidence, trial: Trial, report: bytes) -> Evidence:
    """The same, and what the gate says by the trainer's report."""
    path = evidence.attempt["spec"]["output"]["path"]
    model = next(item for item in evidence.files if item.path == f"/{path}")
    subject = {"name": path, "digest": {"sha256": model.sha256}}
    found = read_report(trial, read_json(report))
    content = canonical(build_test_result(subject, trial, found))
    sha256 = hashlib.sha256(content).hexdigest()
    added = HashedFile(PROMOTION_FILE, len(content), sha256)
    return replace(evidence, files=[*evidence.files, added], promotion=content)


def is_sha256(value: Any) -> TypeGuard[str]:
    """Whether it is one, in the form that digests in a record have."""
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _read_digest(image_id: str) -> str:
    """A container runtime names what it runs repo@sha256:…, or sha256:… alone."""
    _, found, after = image_id.rpartition("sha256:")
    return after if found and is_sha256(after) else ""


def find_fault(evidence: Evidence) -> str:
    """Say what is wrong with a run; empty when it can be published."""
    missing = [key for key in _NEEDED if not evidence.facts.get(key)]
    if missing:
        return f"Its staging commit does not say where it ran: {', '.join(missing)}."
    commit = evidence.attempt["input"]["commit"]
    for source in evidence.facts.get("inputBucket", "").split(", "):
        if source and not source.startswith(commit):
            told = f"Its pod was given INPUT_BUCKET {source}"
            return f"{told}: somebody changed the TFJob."
    return _find_file_fault(evidence) or _find_beginning_fault(evidence)


def _find_file_fault(evidence: Evidence) -> str:
    """What is wrong with a run's files.

    The manifest is the trainer's last word about its own files: one that differs
    was written by another process, or cut short.
    """
    path = "/" + evidence.attempt["spec"]["output"]["path"]
    found = {item.path: item for item in evidence.files}
    if path not in found:
        return f"The trainer ended well but wrote no {path}."
    if found[path].size == 0:
        return f"The trainer wrote an empty {path}."
    for ours in _OURS:
        if ours in found:
            return f"The trainer wrote {ours}, which is the operator's to write."
    manifest = manifest_file(path.lstrip("/"))
    if manifest not in found:
        return ""
    if fault := _find_manifest_fault(evidence.manifest):
        return f"{manifest} cannot go into a record: {fault}"
    listed = {i["path"]: i["sha256"] for i in evidence.manifest.get("files") or ()}
    actual = {p: item.sha256 for p, item in found.items() if p != manifest}
    wrong = sorted(p for p in actual.keys() | listed if actual.get(p) != listed.get(p))
    names = ", ".join(wrong)[:200]
    return f"{manifest} does not agree with the files: {names}" if wrong else ""


def _find_beginning_fault(evidence: Evidence) -> str:
    """Where the run began from another model than it was told to begin from."""
    offered = evidence.attempt.get(warm_start.PART)
    fault = warm_start.find_fault(offered, evidence.manifest)
    path = manifest_file(evidence.attempt["spec"]["output"]["path"])
    return f"{path} does not agree with what was asked: {fault}" if fault else ""


def _find_manifest_fault(manifest: Mapping[str, Any]) -> str:
    """Where a trainer's manifest breaks the contract; empty when it does not.

    A record is made of it, so what cannot be written as JSON is a fault as well.
    """
    for part, kind in _MANIFEST_PARTS.items():
        value = manifest.get(part) or kind()
        if not isinstance(value, kind):
            return f"{part} must be a JSON {'array' if kind is list else 'object'}"
        if kind is list and not all(map(_is_listed, value)):
            return f"{part} must hold objects with path and sha256"
    if nests_deeply(manifest):
        return "its values are nested too deeply"
    try:
        json.dumps(manifest, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:  # NaN, or half of a surrogate pair
        return str(error)
    return ""


def _is_listed(item: Any) -> bool:
    return isinstance(item, dict) and all(
        isinstance(item.get(key), str) for key in ("path", "sha256")
    )


def is_request(attempt: Attempt, found: Mapping[str, Any]) -> bool:
    """Whether attempt.json is still what the operator wrote there."""
    spec = found.get("spec")
    try:
        if digest(spec) != attempt.digest or not isinstance(spec, Mapping):
            return False
        return canonical(found) == canonical(build_request(attempt, spec))
    except ValueError:  # Half of a surrogate pair: no operator wrote that.
        return False
