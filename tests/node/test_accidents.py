"""What happens to pods on a real node, and what is left of it: one model, or none.

Each story ends with `assert_sound`: every commit is decided once, and what is published
is whole and was trained on the commit that it names.
"""

from node.invariants import assert_sound
from node.plane import NODE
from node.world import OPERATOR_NAMESPACE, wait_for


def _container(pod):
    [status] = pod["status"]["containerStatuses"]
    return status["containerID"].removeprefix("containerd://")


def _told(decision):
    return decision["decision"], decision["reason"]


def test_a_trainer_that_is_killed_is_tried_again(training):
    training.create()
    commit = training.push()
    pod = training.running_pod()

    training.world.machine.kill(_container(pod))

    decision = training.decided(commit)
    assert ("Published", 2) == (decision["decision"], decision["attempt"])
    first, second = training.runs(commit)
    assert ("TrainerKilled", 137) == (first["reason"], first["exitCode"])
    assert second["state"] == "Succeeded"
    assert_sound(training)


def test_a_pod_that_is_deleted_is_a_lost_run_that_is_tried_again(training):
    training.create()
    commit = training.push()
    pod = training.running_pod()

    training.world.plane.kubectl(
        *("delete", "pod", pod["metadata"]["name"], "--namespace", training.name)
    )

    decision = training.decided(commit)
    assert ("Published", 2) == (decision["decision"], decision["attempt"])
    first, _ = training.runs(commit)
    assert (first["state"], first["retryable"]) == ("Failed", True)
    assert_sound(training)


def test_an_operator_that_is_killed_takes_the_run_over_again(training):
    world = training.world
    training.create()
    commit = training.push()
    training.running_pod()
    [operator] = world.operator_pods()

    world.plane.kubectl(
        *("delete", "pod", operator, "--namespace", OPERATOR_NAMESPACE),
        *("--force", "--grace-period=0"),
    )

    decision = training.decided(commit)
    assert ("Published", 1) == (decision["decision"], decision["attempt"])
    [_] = training.runs(commit)
    assert [operator] != wait_for(world.operator_pods, "another operator")
    assert_sound(training)


def test_a_node_that_is_drained_loses_nothing(training):
    world = training.world
    training.create()
    commit = training.push()
    pod = training.running_pod()

    world.plane.kubectl(
        *("drain", NODE, "--force", "--delete-emptydir-data", "--timeout=240s")
    )

    assert [] == world.operator_pods()
    assert pod["metadata"]["name"] not in [
        each["metadata"]["name"] for each in training.pods()
    ]
    world.plane.kubectl("uncordon", NODE)
    decision = training.decided(commit)
    assert decision["decision"] == "Published"
    first, *_, last = training.runs(commit)
    assert (first["state"], first["retryable"]) == ("Failed", True)
    assert last["state"] == "Succeeded"
    assert_sound(training)


def test_a_pod_that_the_kubelet_evicts_is_recorded_and_the_next_commit_trained(
    training,
):
    # Its log alone is more than it may keep on the disk of the node.
    training.create(attempts=1, epochs=1000, ephemeral_storage="16Ki")
    evicted = training.push(0)

    lost = training.decided(evicted)

    # Stopped, where the trainer had come so far that it could say so itself.
    assert _told(lost) in {("Failed", "PodLost"), ("Failed", "Stopped")}
    assert "Evicted: Pod ephemeral local storage usage exceeds" in lost["message"]
    [run] = training.runs(evicted)
    assert run["retryable"] is True
    assert [] == training.world.pachd.recent(training.output)
    training.apply()
    assert "Published" == training.decided(training.push(1))["decision"]
    assert_sound(training)


def test_a_trainer_out_of_memory_is_recorded_and_the_next_commit_trained(training):
    training.create(memory="150Mi")
    starved = training.push(0)

    killed = training.decided(starved)

    assert ("Failed", "TrainerKilled") == _told(killed)
    assert [137, 137] == [each["exitCode"] for each in training.runs(starved)]
    assert "OOMKilled" in killed["message"]
    assert [] == training.world.pachd.recent(training.output)
    training.apply()
    assert "Published" == training.decided(training.push(1))["decision"]
    assert_sound(training)
