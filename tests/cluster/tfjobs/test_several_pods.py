"""A job of several pods of which one is missing, or lost, or long at its name's end."""

from cluster.tfjobs.endings import AT_ONCE
from cluster.tfjobs.test_objects import LONGEST
from integration.stories import settled
from integration.world import OUTPUT, RUNS, until

_OLDER = f"registry.example.org/tiny/trainer:1@sha256:{'2' * 64}"
_UNMET = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/3 nodes are available: 3 Insufficient memory.",
}


def trained_by(**replicas):
    return {"trainer": {"replicas": replicas}}


async def peers(hands, commit, count, attempt=1):
    """Wait for all pods of an attempt, by their places."""

    async def look():
        found = await hands.pods(commit, attempt)
        return found if len(found) == count else []

    found = await until(look, f"{count} pods")
    return {each.name.removeprefix(f"{each.job}-"): each for each in found}


async def run_all(pods):
    for pod in pods.values():
        await pod.run()


async def publish(world, hands, commit, pods):
    """Let the chief do its work, and the workers end."""
    await hands.work(pods["chief-0"])
    await pods["chief-0"].end(0)
    await settled(world, commit)


async def test_a_run_of_which_one_pod_finds_no_node_is_given_up_and_tried_again(
    world, operator, hands
):
    await world.apply(**trained_by(chief=1, worker=2), **AT_ONCE)
    commit = await world.push(digits=1)
    pods = await peers(hands, commit, 3)
    for place in ("chief-0", "worker-0"):
        await pods[place].run()
    await pods["worker-1"].report("Pending", conditions=[_UNMET])
    told = f"Pod {pods['worker-1'].name}: Unschedulable: 0/3 nodes are available"
    ready = await starting(world, told)
    await world.change(startupDeadlineSeconds=1)
    (failed,) = await until(lambda: world.told("AttemptFailed"), "the failure")
    await world.change(startupDeadlineSeconds=600)
    second = await peers(hands, commit, 3, attempt=2)
    await run_all(second)
    await publish(world, hands, commit, second)

    assert "Starting" == ready["reason"]
    assert f"3 pods ran within 1 s (spec.startupDeadlineSeconds): {told}" in failed
    assert [2] == [model.attempt for model in await world.models()]


async def starting(world, words):
    async def told():
        ready = await world.condition()
        return ready if words in ready.get("message", "") else None

    # A change is a wake-up: without it, the next look would come within 10 s.
    await world.change(startupDeadlineSeconds=599)
    return await until(told, words)


async def said(world, words):
    """Wait for an Event; the TFJob controller writes them when it comes to it."""

    async def look():
        events = (await world.kube.call("GET", world.core("events")))["items"]
        return any(words in each["message"] for each in events)

    await until(look, words)


async def test_a_worker_that_was_killed_is_the_cause_and_not_who_lost_it(
    world, operator, hands
):
    await world.apply(**trained_by(chief=1, worker=1), **AT_ONCE)
    commit = await world.push(digits=1)
    pods = await peers(hands, commit, 2)
    await run_all(pods)
    await world.reason("Training")
    await pods["worker-0"].end(137, "OOMKilled")
    await until(lambda: world.told("AttemptFailed"), "the failure")
    second = await peers(hands, commit, 2, attempt=2)
    await run_all(second)
    await publish(world, hands, commit, second)

    (model,) = await world.models()
    run = await world.pachyderm.commit(RUNS, model.run)
    kept = await world.content(RUNS, run.parent, "/record.json")
    assert ("TrainerKilled", 137, pods["worker-0"].name) == (
        kept["reason"],
        kept["exitCode"],
        kept["pod"],
    )


async def test_who_never_met_a_pod_is_told_why_that_one_was_missing(
    world, operator, hands
):
    await world.apply(**trained_by(worker=2), **AT_ONCE)
    commit = await world.push(digits=1)
    pods = await peers(hands, commit, 2)
    await pods["worker-0"].run()
    await pods["worker-1"].report("Pending", conditions=[_UNMET])
    await said(world, f"Error pod {pods['worker-1'].name} condition message")
    words = '{"reason": "PeerLost", "message": "worker-1 never came"}'
    await pods["worker-0"].end(176, message=words)
    (failed,) = await until(lambda: world.told("AttemptFailed"), "the failure")

    lost = f"PeerLost: Pod {pods['worker-0'].name}: Exit code 176. worker-1 never came"
    assert lost in failed
    assert f"Error pod {pods['worker-1'].name} condition message: 0/3 nodes" in failed


async def test_pods_that_run_different_images_are_told_of_and_recorded(
    world, operator, hands
):
    await world.apply(**trained_by(chief=1, worker=1))
    commit = await world.push(digits=1)
    pods = await peers(hands, commit, 2)
    await pods["chief-0"].run()
    await pods["worker-0"].run(image_id=_OLDER)
    ready = await world.reason("Training")
    await publish(world, hands, commit, pods)

    model = await world.model_of(commit)
    statement = await world.content(OUTPUT.repo, model.commit, "/lineage.json")
    materials = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    images = [each["digest"]["sha256"] for each in materials if each["name"] == "image"]
    assert (
        "Its pods run different images, so pin spec.trainer.image: "
        in (ready["message"])
    )
    assert ["1" * 64, "2" * 64] == images


async def test_the_longest_name_of_a_training_leaves_room_for_two_digits(
    world, operator, hands
):
    await world.apply(LONGEST, **trained_by(chief=1, worker=11))
    commit = await world.push(digits=1)
    pods = await peers(hands, commit, 12)

    async def services():
        found = (await world.kube.call("GET", world.core("services")))["items"]
        return {each["metadata"]["name"] for each in found} == {
            each.name for each in pods.values()
        }

    await until(services, "a service for each pod")
    assert 63 == len(pods["worker-10"].name)
