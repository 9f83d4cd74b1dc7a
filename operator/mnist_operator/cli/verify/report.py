"""All checks of one model put together, and the answer as an object. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.models import Found
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.statements import Statement, dig
from mnist_operator.cli.verify.checks import (
    check_branch,
    check_copies,
    check_image,
    check_place,
    check_previous,
    check_provenance,
    check_signature,
)
from mnist_operator.cli.verify.contents import (
    check_beginning,
    check_data,
    check_files,
)
from mnist_operator.cli.verify.promotion import check_promotion
from mnist_operator.cli.verify.run import Trust, check_ledger, check_run
from mnist_operator.cli.verify.verification import (
    Absence,
    Check,
    Result,
    Verified,
    Witnesses,
)
from mnist_operator.commits import Repo

__all__ = ["Terms", "build_item", "verify"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What whoever asks insists on."""

    keys: Sequence[bytes] = ()
    """Public keys in PEM, any of which may have signed."""
    signature_required: bool = False
    deep: bool = False
    run_repo: str = ""
    """Name of the repo with the runs; empty: the output repo's, and _runs."""


def verify(opened: Opened, seen: Witnesses, terms: Terms) -> Verified:
    """Hold a record against its witnesses."""
    statement, found = opened.statement, opened.found
    signature = check_signature(opened, terms.keys, required=terms.signature_required)
    copies = check_copies(opened)
    if found is None:
        rest = [check_files(opened, seen), _ALONE]
    else:
        trust = _trust(found.commit.repo, terms, signature)
        rest = list(_ask_witnesses(opened, found, seen, trust))
    notes = (_METADATA,) if found and not found.commit.provenance else ()
    return Verified(
        name=opened.name,
        training=found.model.training if found else statement.training,
        checks=(copies, signature, *rest),
        obstacles=tuple(_find_obstacles(statement, seen)),
        notes=notes + (found.notes if found else ()),
    )


_UNASKED = (
    "not asked about the run, the ledger, the input commit and its bytes, and pachd's"
    " own provenance: ask mnistctl verify with the commit's ID"
)
_ALONE = Check(
    "pachyderm",
    Result.UNKNOWN,
    (_UNASKED,),
)
_METADATA = (
    "pachd has no provenance of its own for this commit, as it is with"
    " spec.output.provenance: Metadata: which data made it, the record alone says"
)


def _trust(output: Repo, terms: Terms, signature: Check) -> Trust:
    return Trust(
        Repo(output.project, terms.run_repo or f"{output.name}_runs"),
        is_named=bool(terms.run_repo),
        signed=signature.result is Result.OK,
    )


def _ask_witnesses(
    opened: Opened, found: Found, seen: Witnesses, trust: Trust
) -> Iterator[Check]:
    statement, model = opened.statement, found.model
    asked = (
        check_branch(found, opened.files, seen),
        check_place(found, statement),
        check_run(model, opened, seen, trust),
        check_ledger(model, seen, trust),
        check_promotion(model, opened, seen, trust),
        check_files(opened, seen),
        check_data(statement, seen),
        check_provenance(found.commit, model),
        check_beginning(statement, seen),
        check_previous(found, statement, seen),
        check_image(statement, seen),
    )
    yield from (each for each in asked if each is not None)


def _find_obstacles(statement: Statement, seen: Witnesses) -> Iterator[str]:
    """Why the model cannot be made again from what is there."""
    if not statement.value:
        yield "there is no record of what it was made with"
        return
    if seen.data is Absence.GONE:
        yield "its input commit was squashed or dropped"
    if seen.beginning is Absence.GONE:
        yield "the model that it began from was squashed or dropped"
    if dig(statement.material("image"), "digest", "sha256") is None:
        yield "the digest of its image is unknown: a tag may mean another image by now"
    if dig(statement.internal, "effective", "seed") is None:
        yield "the seed that it was trained with is unknown"
    if seen.run is Absence.GONE:
        yield "its run's commit is gone, with what was asked and the log"


def build_item(one: Verified) -> dict[str, Any]:
    """One model, as an object for programs."""
    return {
        "model": one.name,
        "training": one.training,
        "valid": one.is_valid,
        "checks": [
            {
                "check": each.name,
                "result": each.result.value,
                "details": list(each.details),
                "remedy": each.remedy or None,
            }
            for each in one.checks
        ],
        "reproducible": not one.obstacles,
        "obstacles": list(one.obstacles),
        "notes": list(one.notes),
    }
