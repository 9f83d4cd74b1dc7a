"""What mnistctl export does: open one record, check it, and write it once more."""

from collections.abc import Mapping
from typing import IO, Any

import click

from mnist_operator.cli.comparison import (
    INDEX,
    find_contradictions,
    find_disagreements,
)
from mnist_operator.cli.export.croissant import write_croissant
from mnist_operator.cli.export.facts import Source
from mnist_operator.cli.export.ml_bom import write_bom
from mnist_operator.cli.export.model_card import write_card
from mnist_operator.cli.export.openlineage_event import write_event
from mnist_operator.cli.failures import (
    NoAnswerError,
    NotThereError,
    UntrustedRecordError,
)
from mnist_operator.cli.inquiries import ask, connect, output_branch
from mnist_operator.cli.opened import Opened, find_folder, open_folder, open_model
from mnist_operator.cli.references import parse_reference
from mnist_operator.cli.refusals import refuse, warn
from mnist_operator.openlineage import Place, namespace_of
from mnist_operator.pachyderm import Pachyderm

__all__ = ["export"]


def export(
    *,
    reference: str | None,
    kind: str,
    file: IO[str],
    job_namespace: str,
    dataset_namespace: str,
    **options: Any,
) -> None:
    """Write one format of one model's record.

    A record that its copies contradict is not written: whoever reads the export
    would not see that.
    """
    place = Place(dataset_namespace or _namespace(options["address"]), job_namespace)
    opened = _open(reference, options)
    try:
        _check(opened)
        text = _write(opened, kind, place)
    except NoAnswerError as error:
        raise refuse(error) from None
    file.write(text)


def _namespace(address: str) -> str:
    try:
        return namespace_of(address)
    except ValueError as error:
        shown = address.rpartition("@")[2]  # Before it may stand a password.
        raise click.UsageError(
            f"--address: {shown!r} cannot be used ({error}); write host:port"
        ) from None


def _open(reference: str | None, options: Mapping[str, Any]) -> Opened:
    folder = find_folder(reference)
    if folder is not None:
        try:
            return open_folder(folder)
        except NoAnswerError as error:
            raise refuse(error) from None
    connection, default = connect(options), output_branch(options)
    try:
        wanted = parse_reference(reference, default, run_repo=options["run_repo"])
    except ValueError as error:
        raise click.UsageError(str(error)) from None

    async def question(client: Pachyderm) -> Opened:
        return await open_model(client, wanted)

    return ask(connection, question)


def _check(opened: Opened) -> None:
    """Refuse what must not be believed; the index is none of what is exported."""
    if opened.content is None or not opened.statement.value:
        raise NotThereError(
            f"{opened.name} has no lineage.json that can be read, so there is nothing"
            " to export: ask mnistctl lineage what its description says"
        )
    faults = find_contradictions(opened.statement)
    if opened.found is not None:
        commit = opened.found.commit
        faults = find_disagreements(commit, opened.content, opened.files)
    wrong = [each for each in faults if INDEX not in each]
    if wrong:
        raise UntrustedRecordError(
            f"the record of {opened.name} contradicts itself, so it is not exported"
            f" ({'; '.join(wrong)}): ask mnistctl verify"
        )
    for each in faults:
        warn(each)


def _write(opened: Opened, kind: str, place: Place) -> str:
    commit = opened.found.commit if opened.found else None
    source = Source(
        opened.statement,
        opened.folder.resolve().name if opened.folder else opened.name,
        commit.id if commit else "",
        {each.path.lstrip("/"): each.size for each in opened.files},
    )
    if kind == "openlineage":
        return write_event(source, place, finished=commit.finished if commit else None)
    return _WRITERS[kind](source)


_WRITERS = {
    "model-card": write_card,
    "ml-bom": write_bom,
    "croissant": write_croissant,
}
