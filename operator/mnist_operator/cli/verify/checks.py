"""The checks of a model's record itself: copies, signature, branch, image. Pure.

Each answers one question in a sentence; `report` puts them together.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mnist_operator.cli.comparison import (
    INDEX,
    compare_copies,
    find_contradictions,
    has_index,
)
from mnist_operator.cli.models import Found
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.statements import Statement, dig, dig_text, read_object
from mnist_operator.cli.verify.strangers import SHOWN, is_foreign, tell_stranger
from mnist_operator.cli.verify.verification import (
    PREVIOUS,
    Absence,
    Check,
    Result,
    Run,
    Witnesses,
)
from mnist_operator.commits import Commit, CommitState, File
from mnist_operator.evidence import is_sha256
from mnist_operator.lineage import LINEAGE_FILE, Model
from mnist_operator.signing import check_bundle, read_hint

__all__ = [
    "check_branch",
    "check_copies",
    "check_image",
    "check_place",
    "check_previous",
    "check_provenance",
    "check_signature",
]

_FORGED = (
    "do not use this model: its commit is not as the operator wrote it; find out who"
    " wrote to the output repo"
)


def check_copies(opened: Opened) -> Check:
    """Whether lineage.json, the description and the metadata map agree."""
    if opened.found is None:
        return _check_alone(opened)
    commit = opened.found.commit
    faults = compare_copies(commit, opened.content)
    if not faults:
        third = " and metadata map" if has_index(commit) else ""
        joint = "," if third else " and"
        told = f"{LINEAGE_FILE.lstrip('/')}{joint} description{third} say the same"
        return Check("copies", Result.OK, (told,))
    if all(INDEX in each for each in faults):
        remedy = (
            f"believe the other two, which nobody can change; whoever may write to"
            f" {commit.repo} can change the map, and can put it right"
        )
        return Check("copies", Result.FAILED, tuple(faults), remedy)
    return Check("copies", Result.FAILED, tuple(faults), _FORGED)


def _check_alone(opened: Opened) -> Check:
    """What a folder has: one copy, which may contradict itself."""
    if read_object(opened.content or b"") is None:
        told = f"{LINEAGE_FILE.lstrip('/')} is no JSON object"
        return Check("copies", Result.FAILED, (told,), _DOWNLOAD)
    if faults := find_contradictions(opened.statement):
        return Check("copies", Result.FAILED, tuple(faults), _DOWNLOAD)
    told = "a folder has one of the three; ask Pachyderm for the others"
    return Check("copies", Result.UNKNOWN, (told,))


_DOWNLOAD = "download the commit again, and ask mnistctl verify with its ID"


def check_signature(opened: Opened, keys: Sequence[bytes], *, required: bool) -> Check:
    """Whether the operator's key signed these very bytes."""
    bundle, content = opened.bundle, opened.content or b""
    if bundle is None:
        told = "it is not signed"
        if not required:
            return Check("signature", Result.UNKNOWN, (told,))
        remedy = (
            "do not use this model if all of yours are signed: somebody else made it"
        )
        return Check("signature", Result.FAILED, (told,), remedy)
    hint = read_hint(bundle)
    if not keys:
        told = f"signed with key {hint}: name its public key with --key to check that"
        return Check("signature", Result.UNKNOWN, (told,))
    faults = [check_bundle(bundle, content, each) for each in keys]
    if "" in faults:
        return Check("signature", Result.OK, (f"valid, with key {hint}",))
    remedy = (
        "do not use this model before you know who signed it; or name another --key"
    )
    return Check("signature", Result.FAILED, tuple(dict.fromkeys(faults)), remedy)


def check_place(found: Found, statement: Statement) -> Check | None:
    """Whether it was made for the repo that it is in; None if it was."""
    output = dig(statement.asked, "spec", "output")
    said = f"{dig(output, 'project')}/{dig(output, 'repo')}"
    if not statement.value or said == str(found.commit.repo):
        return None
    told = f"the record is of a model for {said}, not for {found.commit.repo}"
    return Check("place", Result.FAILED, (told,), _FORGED)


def check_branch(found: Found, files: Sequence[File], seen: Witnesses) -> Check | None:
    """Whether who reads the branch gets this model; None where none was named."""
    if not found.branch:
        return None
    foreign, shown = [*filter(is_foreign, found.passed)], seen.shown
    if not foreign and shown is not None and _bytes_of(shown) != _bytes_of(files):
        return _check_head(found)
    if not foreign:
        told = f"what {found.branch} has above it is no finished commit"
        if not found.passed:
            told = f"it is the newest commit of {found.branch}"
        return Check("branch", Result.OK, (told,))
    number = len(foreign)
    details = (
        f"{found.branch} has newer commits that mnist-operator did not write: {number}",
        *(tell_stranger(each, seen.strangers.get(each.id)) for each in foreign[:SHOWN]),
        *([f"and {number - SHOWN} older ones"] if number > SHOWN else []),
    )
    return Check("branch", Result.FAILED, details, _read_instead(found))


def _check_head(found: Found) -> Check:
    """A head that is no model may have files all the same, and is what readers get."""
    head = found.passed[0]
    told = (
        f"who reads {found.branch} gets the files of {head.id} ({head.state.lower()}),"
        " and not these"
    )
    if head.state is CommitState.ERRORED:
        return Check("branch", Result.FAILED, (told,), _read_instead(found))
    return Check("branch", Result.UNKNOWN, (told,))


def _read_instead(found: Found) -> str:
    repo, _, name = found.branch.rpartition("@")
    project, _, short = repo.rpartition("/")
    where = "" if project in {"", "default"} else f" --project {project}"
    return (
        f"read {found.commit} and not the branch, and find out who wrote there. The"
        " next model is published above that, with none of its files. Sooner, with no"
        f" run under way: pachctl create branch{where} {short}@{name} --head"
        f" {found.commit.id}, which deletes nothing"
    )


def _bytes_of(files: Sequence[File]) -> set[tuple[str, str]]:
    return {(each.path, each.hash) for each in files}


def check_provenance(commit: Commit, model: Model) -> Check | None:
    """Whether pachd's own provenance names the same input; None where it has none."""
    edges = [f"{repo}@{commit}" for repo, commit in commit.provenance]
    wanted = f"{model.input_repo}@{model.input_commit}"
    if [wanted] == edges:
        return Check("provenance", Result.OK, (f"pachd says {wanted}, too",))
    if edges:
        told = f"pachd says {', '.join(edges)}, the record says {wanted}"
        return Check("provenance", Result.FAILED, (told,), _FORGED)
    return None


def check_previous(found: Found, statement: Statement, seen: Witnesses) -> Check | None:
    """Whether it names the model before it; None where it does, or nobody is to ask."""
    previous, recorded = seen.previous, dig(statement.internal, PREVIOUS)
    if isinstance(previous, Absence) or previous.newest == recorded:
        return None
    if not previous.is_there:
        told = f"{PREVIOUS} {recorded} is not there: it was squashed or dropped"
        return Check("previous", Result.UNKNOWN, (told,))
    told = (
        f"{PREVIOUS} is {recorded or 'empty'}, and the newest model of"
        f" {found.model.training} below this commit is {previous.newest or 'none'}"
    )
    return Check("previous", Result.FAILED, (told,), _FORGED)


def check_image(statement: Statement, seen: Witnesses) -> Check:
    """Whether it is known which image ran, and the run says the same."""
    images = [each for each in _materials(statement) if each.get("name") == "image"]
    recorded = [dig_text(each, "digest", "sha256") for each in images]
    asked = dig(statement.asked, "spec", "trainer", "image")
    name = statement.image or "?"
    faults = [
        f"{each.get('uri')} is recorded, spec.trainer.image was {asked}"
        for each in images
        if each.get("uri") != f"oci://{asked}"
    ]
    ran = _images_of(seen.run)
    known = [each for each in recorded if each]
    if ran is not None and ran != known and (known or ran):
        faults.append(
            f"sha256 {', '.join(known) or 'unknown'} is recorded, the pods of the run"
            f" had {', '.join(ran) or 'unknown'}"
        )
    if faults:
        return Check("image", Result.FAILED, tuple(faults), _FORGED)
    if not known:
        told = f"{name}: its digest is unknown, since its node did not report one"
        return Check("image", Result.UNKNOWN, (told,))
    return Check("image", Result.OK, (f"{name}, sha256:{', '.join(known)}",))


def _images_of(run: Run | Absence) -> list[str] | None:
    """The digests that the run's own description has; None where nobody is to ask."""
    if isinstance(run, Absence) or run.attempt is None:
        return None
    facts = run.attempt.facts
    told = [facts.get("imageID", ""), *facts.get("otherImages", "").split(", ")]
    digests = [each.rpartition("sha256:")[2] for each in told if "sha256:" in each]
    return [each for each in digests if is_sha256(each)]


def _materials(statement: Statement) -> list[Mapping[str, Any]]:
    path = ("predicate", "buildDefinition", "resolvedDependencies")
    found = dig(statement.value, *path)
    items = found if isinstance(found, list) else []
    return [each for each in items if isinstance(each, Mapping)]
