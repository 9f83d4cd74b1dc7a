"""What only Pachyderm or Kubernetes can find wrong: told by its field, and got over."""

from functools import partial

from integration.world import EARLIEST, INPUT, until
from mnist_operator.commits import Branch, Repo

_ABSENT = {"secretKeyRef": {"name": "absent", "key": "k"}}
_IMAGE = "registry.example.com/absent:1"
MISTAKES = (
    (
        {"trainer": {"image": _IMAGE}},
        {"trainer": {"image": None}},
        ("ImagePullBackOff", _IMAGE),
    ),
    (
        {"trainer": {"resources": {"requests": {"cpu": "1000"}}}},
        {"trainer": {"resources": None}},
        ("Unschedulable", "Insufficient cpu"),
    ),
    (
        {"trainer": {"env": [{"name": "A", "valueFrom": _ABSENT}]}},
        {"trainer": {"env": None}},
        ("CreateContainerConfigError", 'secret "absent" not found'),
    ),
    (
        {"trigger": {"startFrom": "ab" * 16}},
        {"trigger": EARLIEST},
        ("spec.trigger.startFrom", "ab" * 16, "or Latest, Next or Earliest"),
    ),
    (
        {"pachyderm": {"address": "127.0.0.1:1"}},
        {"pachyderm": {"address": None}},
        ("spec.pachyderm.address", "127.0.0.1:1"),
    ),
    (
        {"pachyderm": {"secretRef": {"name": "absent"}}},
        {"pachyderm": {"secretRef": None}},
        ("Secret team/absent does not exist",),
    ),
)
"""An edit, what takes it back, and what is told meanwhile."""


async def says(world, *words, name="mnist"):
    """Wait until the Ready condition says all of this; return it."""

    async def look():
        found = await world.condition(name=name)
        return all(word in found.get("message", "") for word in words) and found

    return await until(look, f"{words} of {name}", seconds=120.0)


async def test_each_is_told_and_when_it_is_taken_back_the_commit_is_trained(world, log):
    await world.apply(
        trigger=EARLIEST,
        attempts={"limit": 20, "backoffSeconds": 0},
        startupDeadlineSeconds=20,  # Time for a second look, which sees the pod.
    )
    pushed = [await world.push(digits=0)]
    await world.model_of(pushed[0])
    for number, (wrong, right, words) in enumerate(MISTAKES, 1):
        await world.change(**wrong)
        pushed.append(await world.push(digits=number))
        ready = await says(world, *words)
        await world.change(**right)
        await until(partial(is_trained, world, pushed[-1]), wrong, seconds=120.0)

        assert "True" != ready["status"], ready
    await world.reason("UpToDate")

    assert pushed == await world.trained()
    assert pushed == [each.commit for each in await world.entries()]
    assert "Traceback" not in log.read_text()
    assert "internal error" not in log.read_text()


async def is_trained(world, commit):
    return commit in await world.trained()


async def test_what_is_named_at_the_creation_and_not_there_is_told_until_it_is(
    world, log
):
    repo, side = Repo("default", "later"), Branch(INPUT.repo, "side")
    for name, source in (("repo", {"repo": "later"}), ("branch", {"branch": "side"})):
        output = {"repo": f"models-of-{name}"}
        await world.apply(name, input=source, output=output, trigger=EARLIEST)
    repo_told = await says(world, "default/later", name="repo")
    branch_told = await says(world, "side", name="branch")
    await world.pachyderm.create_repo(repo)
    pushed = {
        "repo": await world.push(Branch(repo, "master"), digits=1),
        "branch": await world.push(side, digits=2),
    }
    for name, commit in pushed.items():
        output = Branch(Repo("default", f"models-of-{name}"), "master")
        await world.model_of(commit, output)

    assert "True" != repo_told["status"]
    assert "True" != branch_told["status"]
    assert "Traceback" not in log.read_text()
