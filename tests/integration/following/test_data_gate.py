"""spec.dataGate: what is pushed with other labels is held, released, or warned of."""

from integration.gated import (
    annotate,
    begin,
    gate_in_record,
    held,
    jobs_of,
    lines,
    push,
)
from integration.mnistctl_world import fork_mnistctl
from integration.stories import settled
from mnist_operator.gate_answers import DISCARD_COMMIT, RELEASE_COMMIT


async def test_what_is_relabelled_is_held_and_trained_once_when_it_is_released(
    world, operator
):
    first = await begin(world)
    second = await push(world, [1] * 5 + [0] * 5)
    status = await held(world, second)
    conditions = {each["type"]: each for each in status["conditions"]}
    told = (
        "5 of 10 images are relabelled (0.500000, maxRelabelled is 0.1). Compared with"
        f" the newest model's data, commit {first}."
    )

    assert ("True", "True", "False") == tuple(
        conditions[kind]["status"] for kind in ("Ready", "Stalled", "Reconciling")
    )
    assert f"mnistctl release team/mnist {second}" in conditions["Stalled"]["message"]
    assert [(second, told)] == [(e["commit"], e["message"]) for e in status["held"]]
    assert 1 == status["pendingCommits"]
    assert 0 == await jobs_of(world, second)
    assert 1 == len(await world.told("DataGateHeld"))

    third = await push(world, [0] * 10, more=1)
    status = await settled_but(world, third, 1)
    assert [first, third] == await world.trained()
    assert "spec.dataGate holds 1 older commit" in status["conditions"][0]["message"]

    await annotate(world, RELEASE_COMMIT, second)
    await world.shows(pendingCommits=0, active=[], held=[])
    await annotate(world, RELEASE_COMMIT, first, second)
    await settled(world, third)

    assert [first, third, second] == await world.trained()
    assert 1 == await jobs_of(world, second)
    assert [
        (first, "Published"),
        (second, "Held"),
        (third, "Published"),
        (second, "Released"),
        (second, "Published"),
    ] == await lines(world)
    found = await gate_in_record(world, second)
    assert ("Released", first, 5) == (
        found["verdict"],
        found["comparedWith"],
        found["relabelled"],
    )
    assert "Passed" == (await gate_in_record(world, third))["verdict"]
    assert {"verdict": "NothingToCompare"} == await gate_in_record(world, first)


async def settled_but(world, head, pending):
    return await world.shows("UpToDate", head=head, pendingCommits=pending, active=[])


async def test_a_warning_trains_and_is_told_in_event_conditions_and_record(
    world, operator
):
    first = await begin(world, onViolation="Warn")
    second = await push(world, [0] * 7)
    status = await settled(world, second)
    found = await gate_in_record(world, second)
    [event] = await world.told("DataGateWarned")

    assert [(first, "Published"), (second, "Warned"), (second, "Published")] == (
        await lines(world)
    )
    assert ("Warned", 3, 10, 7) == (
        *(found["verdict"], found["dropped"]),
        *(found["imagesBefore"], found["imagesAfter"]),
    )
    assert {"maxDropped": "0.2", "maxRelabelled": "0.1"} == found["limits"]
    assert "3 of 10 images are gone (0.300000, maxDropped is 0.2)" in event
    assert (
        "spec.dataGate warned of the newest model's data: 3 of 10 images"
        in (status["conditions"][0]["message"])
    )


async def test_what_cannot_be_read_is_held_and_may_be_discarded(world, operator):
    first = await begin(world)
    second = await push(world, [], content=b"PK these are words")
    status = await held(world, second)

    assert (
        "its data cannot be compared: default/inputrepo@"
        in (status["held"][0]["message"])
    )
    await annotate(world, DISCARD_COMMIT, second)
    await settled(world, second)

    assert [(first, "Published"), (second, "Held"), (second, "Skipped")] == (
        await lines(world)
    )
    assert "Discarded" == (await world.ledger()).recent[0].reason


async def test_mnistctl_tells_what_is_held_and_releases_it(world, operator):
    await begin(world)
    second = await push(world, [1] * 10)
    await held(world, second)
    of_cluster = {"KUBECONFIG": str(world.cluster.kubeconfig)}
    of_pachd = {"PACHD_ADDRESS": world.cluster.pachd_address}

    story = await fork_mnistctl("explain", "team/mnist", **of_pachd)
    shown = await fork_mnistctl("get", "team/mnist", **of_cluster)
    wrong = await fork_mnistctl("release", "team/mnist", "0" * 32, **of_cluster)
    done = await fork_mnistctl("release", "team/mnist", second[:8], **of_cluster)
    await settled(world, second)

    assert f"{second}  held" in story.out
    assert f"mnistctl release team/mnist {second} lets it be trained" in story.out
    assert f"mnistctl release team/mnist {second}" in shown.out
    assert 3 == wrong.status
    assert f"is not held by spec.dataGate: held are {second}" in wrong.err
    assert f"Released input commit {second} of team/mnist" in done.out
    assert second == (await world.trained())[-1]
