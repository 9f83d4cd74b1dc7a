"""A run whose first attempt fails and whose second is good, and the spans of it."""

from integration.world import until
from unit.otlp_rules import attributes

__all__ = ["check_two_attempts", "fail", "mend", "tree"]


async def fail(world, mended, **data):
    """Push what fails until a file is there; the next attempt is to be waited for."""
    await world.apply(attempts={"limit": 2, "backoffSeconds": 3600})
    commit = await world.push(exit=137, unless=str(mended), **data)
    await until(lambda: world.told("AttemptFailed"), "the first failure")
    return commit


async def mend(world, mended):
    """Let the next attempt begin, and be a good one."""
    mended.touch()
    await world.change(attempts={"backoffSeconds": 0})


def tree(spans):
    """The root of a run, and what is below it by name, in the order of its time."""
    [root] = [each for each in spans if "parentSpanId" not in each]
    below = [each for each in spans if each is not root]
    assert {root["spanId"]} == {each["parentSpanId"] for each in below}
    assert len(spans) == len({each["spanId"] for each in spans})
    return root, sorted(below, key=lambda each: int(each["startTimeUnixNano"]))


def check_two_attempts(spans, commit):
    """They are those of such a run: its root, and what is told of both attempts."""
    root, below = tree(spans)
    assert {commit} == {each["traceId"] for each in spans}
    names = ["observe", "create", "train", "create", "train", "publish"]
    assert names == [each["name"] for each in below]
    first, second = (each for each in below if each["name"] == "train")
    assert 2 == first["status"]["code"]
    assert first["status"]["message"].startswith("TrainerKilled: Exit code 137")
    told = attributes(first)
    assert (137, 1, "TrainerKilled") == (
        told["process.exit.code"],
        told["mnist.attempt"],
        told["error.type"],
    )
    assert {} == second["status"] == root["status"]
    return root, first, second
