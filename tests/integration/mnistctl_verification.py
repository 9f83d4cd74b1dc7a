"""What the tests of mnistctl verify share: true data, and how to read answers."""

from integration.mnistctl_world import TRAINING
from mnist_operator import places
from mnist_operator.pachyderm import PutFile

DATA = places.input_branch(TRAINING)


async def push(world, content=b"data"):
    """A commit of training data, as the trainer's manifest names it."""
    await world.client.create_repo(DATA.repo)
    commit = await world.client.start_commit(DATA, description="")
    file = PutFile("/data/mnist.npz", content)
    await world.client.modify(DATA.repo, commit, [file])
    await world.client.finish_commit(DATA.repo, commit)
    await world.client.commit(DATA.repo, commit, wait_finished=True)
    return commit


def results_of(report):
    return {each["check"]: each["result"] for each in report["checks"]}


def failed(report):
    return [name for name, result in results_of(report).items() if result == "failed"]


def told_by(report, check):
    [found] = [each for each in report["checks"] if each["check"] == check]
    return "\n".join(found["details"])
