"""What `mnistctl diff` can compare: input commits, the data of models, local files."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click

from mnist_operator.cli.failures import NoAnswerError, NotThereError
from mnist_operator.cli.finding import find_commit, find_model
from mnist_operator.cli.inquiries import output_branch
from mnist_operator.cli.references import Reference, parse_reference
from mnist_operator.commits import Branch, Commit, CommitState, Repo
from mnist_operator.data_sources import Source, open_commit
from mnist_operator.datasets.files import Version, data_paths
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Asked", "State", "narrow", "open_state", "read_argument"]

_OF_MODEL = "model:"
_INPUT_BRANCH = "master"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One side as it was written: a local path, or what names a commit."""

    text: str
    local: Path | None = None
    reference: Reference | None = None
    of_model: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """One side as it was found."""

    asked: str
    source: Source
    commit: Commit | None = None
    """None for local files."""
    model: Commit | None = None
    """The model by which the data was named."""
    is_file: bool = False
    """Whether it is one local file, which stands for the data alone."""


class _Local:
    """Files on this machine."""

    def __init__(self, name: str, paths: Mapping[str, Path]) -> None:
        self.name = name
        self._paths = paths
        self.files = {path: Version(f.stat().st_size) for path, f in paths.items()}

    async def copy(self, path: str, into: BinaryIO) -> str:
        digest = hashlib.sha256()
        with self._paths[path].open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                into.write(piece)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Narrow:
    """The data of a source, without its other files."""

    source: Source
    files: Mapping[str, Version]

    @property
    def name(self) -> str:
        return self.source.name

    async def copy(self, path: str, into: BinaryIO) -> str:
        return await self.source.copy(path, into)


def read_argument(text: str, options: Mapping[str, Any]) -> Asked:
    """Read one side; what is there as a local path means that.

    Raises:
        click.UsageError: Nothing can be meant by it.
    """
    if _is_there(text):
        return Asked(text, local=Path(text))
    of_model = text.startswith(_OF_MODEL)
    repo = Repo(options["project"], options["input_repo"])
    default = output_branch(options) if of_model else Branch(repo, _INPUT_BRANCH)
    try:
        reference = parse_reference(text.removeprefix(_OF_MODEL), default)
    except ValueError as error:
        raise click.UsageError(
            f"{error}; there is no local file of that name either"
        ) from None
    return Asked(text, reference=reference, of_model=of_model)


def _is_there(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError:  # Longer than any name of a file.
        return False


async def open_state(client: Pachyderm | None, asked: Asked, path: str) -> State:
    """Find one side, and list its files.

    Raises:
        NotThereError: It is not there, or could be several things.
        NoAnswerError: Its commit is not finished.
    """
    if asked.local is not None:
        is_file = not asked.local.is_dir()
        return State(asked.text, _open_local(asked.local, path), is_file=is_file)
    if client is None or asked.reference is None:
        raise TypeError(asked)
    model = None
    if asked.of_model:
        found = await find_model(client, asked.reference)
        model, commit = found.commit, await _data_of(client, found.commit, found.model)
    else:
        commit = await find_commit(client, asked.reference)
    _refuse_unfinished(commit)
    return State(asked.text, await open_commit(client, commit), commit, model)


async def _data_of(client: Pachyderm, output: Commit, model: Any) -> Commit:
    project, _, name = model.input_repo.rpartition("/")
    repo = Repo(project or output.repo.project, name)
    commit = await client.commit(repo, model.input_commit)
    if commit is None:
        raise NotThereError(
            f"the data of model {output} was {repo}@{model.input_commit}, which is not"
            " there any more: it was squashed or dropped"
        )
    return commit


def _refuse_unfinished(commit: Commit) -> None:
    if commit.state is CommitState.ERRORED:
        raise NoAnswerError(
            f"{commit} was finished with an error ({commit.error}): name another one"
        )
    if commit.state is not CommitState.FINISHED:
        raise NoAnswerError(f"{commit} is not finished yet: ask again when it is")


def _open_local(place: Path, path: str) -> _Local:
    """Take a folder for a whole commit, and a file for the data in one."""
    if place.is_dir():
        walked = os.walk(place, followlinks=False)
        found = [Path(base) / name for base, _, names in walked for name in names]
        files = {f"/{f.relative_to(place).as_posix()}": f for f in found if f.is_file()}
        return _Local(str(place), files)
    whole = "/" + path.strip("/")
    name = whole if whole.endswith(".npz") else f"{whole.rstrip('/')}/{place.name}"
    return _Local(str(place), {name: place})


def narrow(source: Source, path: str) -> Source:
    """Leave only the data, to be compared with a single file."""
    kept = {each: source.files[each] for each in data_paths(source.files, path)}
    return _Narrow(source, kept)
