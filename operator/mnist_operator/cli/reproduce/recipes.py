"""What it takes to make a model again, by its record alone. Pure.

A recipe is all that decided what became of a run: the input commit, the image by the
digest that ran, and the parameters that were really used, with the seed. What the
record does not say, nobody can run again.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator import warm_start
from mnist_operator.cli.failures import UntrustedRecordError
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.statements import Statement, dig_object, dig_text
from mnist_operator.commits import Branch, Commit, CommitState, File, Repo
from mnist_operator.runs import manifest_file

__all__ = [
    "Recipe",
    "check_begun",
    "check_files",
    "check_input",
    "impossible",
    "metrics_file",
    "read_recipe",
]

_PLACE = ("project", "repo", "branch", "path")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model, to be made again."""

    model: str
    """How it is told: project/repo@commit, or the folder that it is in."""
    identity: str
    """The sha256 of its lineage.json: the same model has the same one."""
    label: str
    """Its commit, for a label: the beginning of the identity where it has none."""
    namespace: str
    """Of its MnistTraining."""
    name: str
    input_commit: str
    spec: Mapping[str, Any]
    """As recorded, but for the image, which has its digest, and the parameters,
    which are those that were used."""
    image_sha256: str
    """Of the image that ran; empty if the record does not say."""
    begins_from: str = ""
    """The model commit that the run began from."""

    @property
    def image(self) -> str:
        """What is run."""
        return str(self.spec["trainer"]["image"])

    @property
    def model_file(self) -> str:
        """The model's path in its commit, from the root."""
        return f"/{self.spec['output']['path']}"

    @property
    def input_repo(self) -> Repo:
        """Where the data is."""
        return _repo(self.spec["input"])

    @property
    def output_repo(self) -> Repo:
        """Where models are, also the one that the run began from."""
        return _repo(self.spec["output"])

    @property
    def run_branch(self) -> Branch:
        """Where reproductions of this training's models are made, one at a time."""
        output = self.spec["output"]
        name = output.get("runRepo") or f"{output['repo']}_runs"
        branch = f"{self.namespace}_{self.name}_reproduction"
        return Branch(Repo(output["project"], name), branch)


def impossible(model: str, why: str) -> UntrustedRecordError:
    """The error for a model that cannot be made again."""
    return UntrustedRecordError(f"{model} cannot be reproduced: {why}")


def read_recipe(opened: Opened, *, image: str = "") -> Recipe:
    """Read from a record what is to be run.

    Args:
        opened: the record; whether it can be trusted was found out before.
        image: to run instead of the recorded one.

    Raises:
        UntrustedRecordError: The record does not say enough; the message says what
            is missing.

    """
    statement, content = opened.statement, opened.content or b""
    try:
        spec = _read_spec(statement)
        parameters = _read_parameters(statement, spec["trainer"])
        wanted = image or _pin(statement, spec["trainer"])
    except LookupError as missing:
        raise impossible(opened.name, str(missing.args[0])) from None
    begun = dig_text(statement.material(warm_start.PART), "annotations", "commit")
    namespace, _, name = (statement.training or "").partition("/")
    identity = hashlib.sha256(content).hexdigest()
    trainer = {**spec["trainer"], "image": wanted, "parameters": parameters}
    return Recipe(
        model=opened.name,
        identity=identity,
        label=opened.found.commit.id if opened.found else identity[:32],
        namespace=namespace,
        name=name,
        input_commit=_input_commit(statement),
        spec={**spec, "trainer": trainer},
        image_sha256=_image_sha256(statement),
        begins_from=begun or "",
    )


def _read_spec(statement: Statement) -> dict[str, Any]:
    spec = dig_object(statement.asked, "spec") or {}
    places = all(
        dig_text(spec, part, key) for part in ("input", "output") for key in _PLACE
    )
    if not places or not isinstance(spec.get("trainer"), dict):
        raise LookupError("its record holds no spec of a MnistTraining")
    if statement.training is None:
        raise LookupError("its record does not name its MnistTraining")
    if not _input_commit(statement):
        raise LookupError("its record names no input commit")
    return spec


def _read_parameters(
    statement: Statement, trainer: Mapping[str, Any]
) -> dict[str, Any]:
    """What was really used; asked for alone, the trainer would choose a seed anew."""
    effective = dig_object(statement.internal, "effective") or {}
    if effective.get("seed") is None:
        raise LookupError(
            "its record does not say which seed was used (the trainer left no run.json"
            " with its parameters)"
        )
    used = {**(dig_object(trainer, "parameters") or {}), **effective}
    return dict(sorted(used.items()))


def _input_commit(statement: Statement) -> str:
    return dig_text(statement.material("input"), "annotations", "commit") or ""


def _image_sha256(statement: Statement) -> str:
    return dig_text(statement.material("image"), "digest", "sha256") or ""


def _pin(statement: Statement, trainer: Mapping[str, Any]) -> str:
    """The image by the digest that ran: what its tag means may have changed."""
    image, sha256 = str(trainer.get("image") or ""), _image_sha256(statement)
    if not sha256:
        raise LookupError(
            f"its record does not say which digest of image {image} ran; name one that"
            " you trust with --image"
        )
    ran = str(statement.byproduct("pod").get("imageID") or "")
    if ran and "@" not in ran:
        raise LookupError(
            f"its record knows image {image} by {ran} alone, the ID of a node, which"
            " no registry knows; name one that you trust with --image"
        )
    return f"{_repository(image)}@sha256:{sha256}"


def _repository(image: str) -> str:
    """An image's name without tag and digest; a port is no tag."""
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def check_files(opened: Opened, digests: Mapping[str, str]) -> None:
    """See that a folder's files are those of its record; a commit's cannot change.

    Raises:
        UntrustedRecordError: One is missing, or is another.
    """
    for name, sha256 in opened.statement.subjects.items():
        found = digests.get(f"/{name.lstrip('/')}")
        if found != sha256:
            what = f"has sha256 {found}" if found else "is not there"
            raise UntrustedRecordError(
                f"{opened.name} is not what its record says: {name} {what}, and"
                f" should have {sha256}; download the output commit again"
            )


def check_input(
    recipe: Recipe, statement: Statement, commit: Commit | None, files: Iterable[File]
) -> None:
    """See that the data is still there, by what Pachyderm knows of it.

    Raises:
        UntrustedRecordError: It is gone, or another; the message says which.
    """
    place = f"input commit {recipe.input_repo}@{recipe.input_commit}"
    _check_commit(recipe.model, place, commit)
    sizes = {each.path: each.size for each in files}
    for each in statement.data_files():
        path, size = f"/{str(each.get('path')).lstrip('/')}", each.get("bytes")
        if path not in sizes:
            why = f"{place} has no {path}, which it was trained on"
            raise impossible(recipe.model, why)
        if isinstance(size, int) and size != sizes[path]:
            why = f"{path} of {place} has {sizes[path]} bytes, and had {size}"
            raise impossible(recipe.model, why)


def check_begun(recipe: Recipe, commit: Commit | None) -> None:
    """See that the model is still there that the run began from, if it began so.

    Raises:
        UntrustedRecordError: It is gone.
    """
    if recipe.begins_from:
        place = f"model {recipe.output_repo}@{recipe.begins_from}, which it began from,"
        _check_commit(recipe.model, place, commit)


def _check_commit(model: str, place: str, commit: Commit | None) -> None:
    if commit is None:
        raise impossible(model, f"{place} is gone: it was squashed or dropped")
    if commit.state is not CommitState.FINISHED:
        why = f" ({commit.error})" if commit.error else ""
        raise impossible(model, f"{place} is not a whole commit: {commit.state}{why}")


def metrics_file(recipe: Recipe) -> str:
    """Where a trainer of ours leaves its metrics: beside its manifest."""
    manifest = manifest_file(recipe.model_file.lstrip("/"))
    return f"{manifest.removesuffix('run.json')}metrics.json"


def _repo(place: Mapping[str, Any]) -> Repo:
    return Repo(str(place["project"]), str(place["repo"]))
