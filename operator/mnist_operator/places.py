"""Where a training's things are in Pachyderm: names that follow from its own. Pure."""

import hashlib

from mnist_operator.commits import Branch, Repo
from mnist_operator.resource import MnistTraining

__all__ = [
    "input_branch",
    "ledger_branch",
    "output_branch",
    "pin_branch",
    "production_branch",
    "promoted_branch",
    "run_repo",
    "slot_branch",
    "staged_branch",
]

_DIGITS = 8
"""Of a digest: enough to tell the output repos of one name apart."""


def run_repo(training: MnistTraining) -> Repo:
    """Where attempts and the ledger live."""
    return Repo(training.spec.output.project, training.spec.run_repo)


def slot_branch(training: MnistTraining, slot: int = 0) -> Branch:
    """A branch of this training's staging commits; its open head is the lock.

    Slots are counted from 0: one for each run at the same time.
    """
    name = f"{training.namespace}_{training.name}_{slot}"
    return Branch(run_repo(training), name)


def ledger_branch(training: MnistTraining) -> Branch:
    """The branch of this training's ledger; no one else writes there."""
    name = f"{training.namespace}_{training.name}_ledger"
    return Branch(run_repo(training), name)


def input_branch(training: MnistTraining) -> Branch:
    """The branch that is followed."""
    place = training.spec.input
    return Branch(Repo(place.project, place.repo), place.branch)


def output_branch(training: MnistTraining) -> Branch:
    """The branch that receives models."""
    place = training.spec.output
    return Branch(Repo(place.project, place.repo), place.branch)


def production_branch(training: MnistTraining) -> Branch:
    """The branch whose head is the model in production."""
    promotion = training.spec.promotion
    name = promotion.branch if promotion else ""
    return Branch(output_branch(training).repo, name)


def promoted_branch(training: MnistTraining) -> Branch:
    """The branch of the output repo whose head is what production is moved to."""
    name = f"{training.namespace}_{training.name}_promoted"
    return Branch(output_branch(training).repo, name)


def pin_branch(training: MnistTraining, repo: Repo | None = None) -> Branch:
    """The branch of the input repo that says which commit is being published.

    An attempt may be of another input repo than the one that is followed today. And
    each output repo has its own: pachd opens a commit in all that descend from one.
    """
    target = hashlib.sha256(str(output_branch(training).repo).encode()).hexdigest()
    name = f"{training.namespace}_{training.name}_pin_{target[:_DIGITS]}"
    return Branch(repo or input_branch(training).repo, name)


def staged_branch(training: MnistTraining) -> Branch:
    """The branch of the output repo where pachd opens commits for pinned ones."""
    name = f"{training.namespace}_{training.name}_staged"
    return Branch(output_branch(training).repo, name)
