"""The pin: a branch of the input repo that keeps what a model was made of.

It is the training's own, and moving it is what makes pachd open the model's commit.
"""

from mnist_operator import places
from mnist_operator.commits import Branch
from mnist_operator.errors import (
    DeniedError,
    InputGoneError,
    InvalidSpecError,
    NotFoundError,
    PinDeniedError,
)
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining

__all__ = ["make_pin", "move_pin", "refuse_declared"]


async def make_pin(client: Pachyderm, training: MnistTraining, head: str) -> None:
    """Make the pin branch where it is missing: before the first run, not after it.

    Raises:
        InvalidSpecError: The output branch has provenance of its own.
        PinDeniedError: The token may not; somebody must grant it, or choose Metadata.
    """
    await refuse_declared(client, places.output_branch(training))
    pin = places.pin_branch(training)
    if not await client.branch_exists(pin):
        await move_pin(client, pin, head)


async def refuse_declared(client: Pachyderm, branch: Branch) -> None:
    """Moving a branch takes its declaration away: a pipeline would lose its output.

    Raises:
        InvalidSpecError: The output branch has provenance of its own.
    """
    sources = await client.descends_from(branch)
    if sources:
        # A pipeline's specification lies in a repo of the output's own name.
        data = [str(each) for each in sources if each.repo != branch.repo]
        source = data[0] if data else "a pipeline's specification"
        raise InvalidSpecError(
            f"spec.output.branch: {branch} descends from {source}, so its commits"
            " are made by Pachyderm; choose a branch without provenance, or take the"
            " provenance off it"
        )


async def move_pin(client: Pachyderm, pin: Branch, commit: str) -> None:
    """Pin another input commit.

    Raises:
        InputGoneError: It was squashed or dropped meanwhile.
        PinDeniedError: The token may not move the pin.
    """
    try:
        await client.create_branch(pin, commit)
    except DeniedError as error:
        raise PinDeniedError(str(pin.repo), error.detail) from error
    except NotFoundError as error:
        detail = f"input commit {commit} cannot be pinned: {error.detail}"
        raise InputGoneError(error.service, error.call, detail) from error
