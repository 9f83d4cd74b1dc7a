"""What mnistctl verify does: one model, a folder, or every model of a branch."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from mnist_operator.cli import finding, screen
from mnist_operator.cli.absences import explain_absence
from mnist_operator.cli.failures import ExitStatus, NoAnswerError, NotThereError
from mnist_operator.cli.inquiries import ask, connect, output_branch
from mnist_operator.cli.opened import find_folder, open_folder
from mnist_operator.cli.references import Reference, parse_reference
from mnist_operator.cli.refusals import refuse
from mnist_operator.cli.streams import Listing, Told, pour
from mnist_operator.cli.verify.keys import read_keys
from mnist_operator.cli.verify.reading import Reader, read_folder
from mnist_operator.cli.verify.report import Terms, build_item, verify
from mnist_operator.cli.verify.screen import (
    item_lines,
    summary_lines,
    verified_lines,
)
from mnist_operator.cli.verify.verification import Verified
from mnist_operator.cli.verify.walk import (
    judge_signatures,
    verify_all,
    verify_found,
)
from mnist_operator.commits import Branch
from mnist_operator.pachyderm import Pachyderm

__all__ = ["show_all", "show_one"]

Options = Mapping[str, Any]


def show_one(*, reference: str | None, kind: str | None, **options: Any) -> None:
    """Verify one model; with a key at hand, it must be signed."""
    terms = _read_terms(options, required=bool(options["keys"]))
    folder = find_folder(reference)
    if folder is not None:
        verified = _verify_folder(folder, terms)
    else:
        verified = _verify_commit(reference, options, terms)
    asked = {"reference": reference or str(output_branch(options)), "deep": terms.deep}
    head = {"kind": "mnistctl/verification", "version": 1, "asked": asked}
    screen.tell(head | build_item(verified), kind, verified_lines)
    _end(is_valid=verified.is_valid)


def show_all(*, reference: str | None, kind: str | None, **options: Any) -> None:
    """Verify every model of a branch, newest first, each as soon as it is known.

    Signing may have begun later than the branch, so a model without a signature is
    no fault here, unless an older one has one, or one is required.
    """
    terms = _read_terms(options, required=options["signature_required"])
    connection = connect(options)
    wanted = _parse(reference, options)
    if wanted.branch is None or wanted.back:
        raise click.UsageError("--all asks a branch: write repo@branch, or no REF")
    branch = Branch(wanted.repo, wanted.branch)
    asked = {"branch": str(branch), "deep": terms.deep}
    head = {"kind": "mnistctl/verifications", "version": 1, "asked": asked}

    async def question(client: Pachyderm) -> _Count:
        count, models = _Count(), verify_all(client, branch, terms)
        if terms.keys:
            models = judge_signatures(models)
        first = await anext(models, None)
        if first is None:
            raise NotThereError(await explain_absence(client, branch))
        listing = Listing(head, "models", count.items(first, models), count.tail)
        await pour(listing, kind, Told(_no_lines, item_lines, summary_lines))
        return count

    _end(is_valid=not ask(connection, question).failed)


@dataclass
class _Count:
    """What has gone by so far."""

    models: int = 0
    failed: int = 0
    obstacles: dict[str, int] = field(default_factory=dict)

    async def items(
        self, first: Verified, rest: AsyncGenerator[Verified]
    ) -> AsyncGenerator[dict[str, Any]]:
        """Everything, and counted."""
        async with aclosing(rest):
            yield self._add(first)
            async for each in rest:
                yield self._add(each)

    def _add(self, one: Verified) -> dict[str, Any]:
        self.models += one.training is not None
        self.failed += not one.is_valid
        for each in one.obstacles:
            self.obstacles[each] = self.obstacles.get(each, 0) + 1
        return build_item(one)

    def tail(self) -> dict[str, Any]:
        """The last word."""
        return {
            "summary": {
                "models": self.models,
                "failed": self.failed,
                "obstacles": dict(self.obstacles),
            }
        }


def _no_lines(_: Mapping[str, Any]) -> list[Text]:
    return []


def _verify_folder(folder: Path, terms: Terms) -> Verified:
    try:
        opened = open_folder(folder)
        return verify(opened, read_folder(opened), terms)
    except NoAnswerError as error:
        raise refuse(error) from None
    except OSError as error:
        told = f"{error.filename} cannot be read: {error.strerror}"
        raise refuse(NoAnswerError(told)) from None


def _verify_commit(reference: str | None, options: Options, terms: Terms) -> Verified:
    connection, wanted = connect(options), _parse(reference, options)

    async def question(client: Pachyderm) -> Verified:
        found = await finding.find_model(client, wanted)
        if wanted.back:  # Then the newest one on the branch is not what is meant.
            found = replace(found, branch="", passed=())
        reader = Reader(client, deep=terms.deep)
        return await verify_found(client, reader, found, terms)

    return ask(connection, question)


def _parse(reference: str | None, options: Options) -> Reference:
    try:
        default, runs = output_branch(options), options["run_repo"]
        return parse_reference(reference, default, run_repo=runs)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _read_terms(options: Options, *, required: bool) -> Terms:
    if options["signature_required"] and not options["keys"]:
        raise click.UsageError("--require-signature needs --key, to check it with")
    return Terms(
        read_keys(options["keys"]),
        signature_required=required,
        deep=options["deep"],
        run_repo=options["run_repo"],
    )


def _end(*, is_valid: bool) -> None:
    if not is_valid:
        raise click.exceptions.Exit(ExitStatus.UNTRUSTED)
