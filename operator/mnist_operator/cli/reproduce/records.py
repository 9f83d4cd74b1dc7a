"""What a reproduction reads: the record, if it can be trusted, and what was made."""

import hashlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from mnist_operator.cli.comparison import find_disagreements
from mnist_operator.cli.failures import UntrustedRecordError
from mnist_operator.cli.opened import Opened, open_folder, open_model
from mnist_operator.cli.references import Reference
from mnist_operator.cli.reproduce import recipes
from mnist_operator.cli.reproduce.comparison import Made
from mnist_operator.cli.reproduce.recipes import Recipe
from mnist_operator.cli.reproduce.run import OWN_FILES, Run
from mnist_operator.cli.statements import read_object
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.runs import manifest_file

__all__ = [
    "check_inputs",
    "open_trusted",
    "open_trusted_folder",
    "read_made",
    "read_metrics",
]


async def open_trusted(client: Pachyderm, reference: Reference) -> Opened:
    """Find a model in Pachyderm, and read its record.

    Raises:
        UntrustedRecordError: Its copies disagree.
        NotThereError: There is no such model, or there are several.
    """
    opened = await open_model(client, reference)
    faults: list[str] = []
    if opened.found is not None:
        commit, content = opened.found.commit, opened.content
        faults = find_disagreements(commit, content, opened.files)
    if faults:
        raise UntrustedRecordError(
            f"{opened.name} cannot be reproduced, for its record cannot be trusted:"
            f" {'; '.join(faults)}"
        )
    return opened


def open_trusted_folder(folder: Path) -> Opened:
    """Read the record of a model that was downloaded, with all of its files.

    Raises:
        UntrustedRecordError: A file is not the one that the record names.
        NotThereError: The folder has no record.
    """
    opened = open_folder(folder)
    digests = {}
    for each in opened.files:
        with (folder / each.path.lstrip("/")).open("rb") as file:
            digests[each.path] = hashlib.file_digest(file, "sha256").hexdigest()
    recipes.check_files(opened, digests)
    return opened


async def check_inputs(client: Pachyderm, recipe: Recipe, opened: Opened) -> None:
    """See that all that went in is still there.

    Raises:
        UntrustedRecordError: Something is gone, or another.
    """
    repo, name = recipe.input_repo, recipe.input_commit
    commit = await client.commit(repo, name)
    files = await client.files(repo, name) if commit else []
    recipes.check_input(recipe, opened.statement, commit, files)
    if recipe.begins_from:
        begun = await client.commit(recipe.output_repo, recipe.begins_from)
        recipes.check_begun(recipe, begun)


async def read_made(client: Pachyderm, recipe: Recipe, run: Run) -> Made:
    """What a run left behind, once its staging commit is finished."""
    repo, commit = recipe.run_branch.repo, run.staging
    digests: dict[str, str] = {}
    for each in await client.files(repo, commit):
        if each.path not in OWN_FILES:
            digests[each.path] = await _digest(client.chunks(repo, commit, each.path))
    manifest = manifest_file(recipe.model_file.lstrip("/"))
    return Made(
        files=digests,
        manifest=_object(await client.read(repo, commit, manifest)),
        metrics=_object(await client.read(repo, commit, recipes.metrics_file(recipe))),
        image_id=run.facts.get("imageID", ""),
        node=run.facts.get("node", ""),
    )


async def read_metrics(
    client: Pachyderm, recipe: Recipe, opened: Opened
) -> Mapping[str, Any]:
    """The recorded model's metrics.json; empty if it has none."""
    path = recipes.metrics_file(recipe)
    if opened.found is not None:
        commit = opened.found.commit
        return _object(await client.read(commit.repo, commit.id, path))
    return _object(_read(opened.folder, opened.files, path))


def _read(folder: Path | None, files: Iterable[Any], path: str) -> bytes | None:
    if folder is None or all(each.path != path for each in files):
        return None
    return (folder / path.lstrip("/")).read_bytes()


async def _digest(chunks: AsyncGenerator[bytes]) -> str:
    digest = hashlib.sha256()
    async with aclosing(chunks) as pieces:
        async for piece in pieces:
            digest.update(piece)
    return digest.hexdigest()


def _object(content: bytes | None) -> dict[str, Any]:
    return read_object(content or b"") or {}
