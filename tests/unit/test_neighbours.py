"""Who shares an output branch, and who is concerned when one comes, moves or goes."""

import pytest

from mnist_operator.kube import Mark
from mnist_operator.neighbours import Neighbours
from mnist_operator.resource import parse_training
from mnist_operator.settings import Settings


def body(name, second=0, *, generation=1, uid="", namespace="team", **spec):
    """A MnistTraining that was created in that second."""
    meta = {
        "namespace": namespace,
        "name": name,
        "uid": uid or f"uid-{name}",
        "generation": generation,
        "creationTimestamp": f"2026-01-01T00:00:{second:02}Z",
    }
    return {"metadata": meta, "spec": spec}


ELSEWHERE = {"output": {"repo": "elsewhere"}}


class Cluster:
    """The API server's MnistTrainings, and how often one was asked for."""

    def __init__(self, *bodies) -> None:
        self.bodies = {
            (each["metadata"]["namespace"], each["metadata"]["name"]): each
            for each in bodies
        }
        self.asked = 0

    async def get_training(self, namespace, name):
        self.asked += 1
        return self.bodies.get((namespace, name))

    async def list_trainings(self, namespace=""):
        return list(self.bodies.values())


def neighbours(*bodies, **settings):
    return Neighbours(Cluster(*bodies), Settings(**settings))


async def rival_of(known, one):
    return await known.rival_of(parse_training(one))


OLD, MIDDLE, YOUNG = body("old", 1), body("middle", 2), body("young", 3)


async def test_the_oldest_has_no_rival_and_is_that_of_all_others():
    known = neighbours(YOUNG, OLD, MIDDLE)

    assert "" == await rival_of(known, OLD)
    assert "team/old" == await rival_of(known, MIDDLE)
    assert "team/old" == await rival_of(known, YOUNG)


async def test_one_that_has_gone_without_a_word_is_no_rival():
    known = neighbours(OLD, MIDDLE, YOUNG)
    await rival_of(known, YOUNG)
    del known._kube.bodies["team", "old"]

    assert "team/middle" == await rival_of(known, YOUNG)
    assert "" == await rival_of(known, MIDDLE)


async def test_one_that_has_moved_without_a_word_is_no_rival():
    known = neighbours(OLD, YOUNG)
    await rival_of(known, YOUNG)
    known._kube.bodies["team", "old"] = body("old", 1, generation=2, **ELSEWHERE)

    assert "" == await rival_of(known, YOUNG)


async def test_one_that_is_being_deleted_is_no_rival():
    leaving = body("old", 1)
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:01:00Z"

    assert "" == await rival_of(neighbours(leaving, YOUNG), YOUNG)


async def test_a_thousand_on_other_branches_cost_no_question():
    others = [body(f"t{n}", output={"repo": f"r{n}"}) for n in range(1000)]
    known = neighbours(*others, YOUNG)

    assert "" == await rival_of(known, YOUNG)
    assert 0 == known._kube.asked


def test_whoever_held_the_branch_is_concerned_by_an_older_one():
    known = neighbours()
    known.see(MIDDLE)
    known.see(YOUNG)

    assert [("team", "middle")] == known.see(OLD)


def test_nobody_is_concerned_by_a_younger_one():
    known = neighbours()
    known.see(OLD)

    assert [] == known.see(YOUNG)


def test_those_it_leaves_behind_are_concerned_by_one_that_moves_away():
    known = neighbours()
    known.see(OLD)
    known.see(YOUNG)

    assert [("team", "young")] == known.see(body("old", 1, generation=2, **ELSEWHERE))
    assert [] == known.see(body("old", 1, generation=3, **ELSEWHERE))


def test_those_it_leaves_behind_are_concerned_by_one_that_is_gone():
    known = neighbours()
    known.see(OLD)
    known.see(YOUNG)

    assert [("team", "young")] == known.forget("team", "old")
    assert [] == known.forget("team", "old")


def test_one_whose_spec_cannot_be_read_publishes_nowhere():
    known = neighbours()
    known.see(OLD)
    known.see(YOUNG)

    assert [("team", "young")] == known.see(body("old", 1, generation=2, nonsense=1))
    assert [] == known.forget("team", "old")


async def test_one_that_passed_to_another_operator_is_still_a_rival():
    known = neighbours(OLD, YOUNG, selector="shard=a")
    await rival_of(known, YOUNG)

    assert [("team", "young")] == known.forget("team", "old")
    assert "team/old" == await rival_of(known, YOUNG)


@pytest.mark.parametrize(
    ("uid", "generation", "known_as_it_is"),
    [("uid-old", 1, True), ("uid-old", 2, False), ("another", 1, False)],
)
def test_a_list_shows_who_has_changed(uid, generation, known_as_it_is):
    known = neighbours()
    known.see(OLD)

    assert known_as_it_is is (Mark("team", "old", uid, "9", generation) in known)


def test_those_that_are_not_listed_any_more_are_forgotten():
    known = neighbours()
    known.see(OLD)
    before = known.keys
    known.see(YOUNG)
    known.forget_unless({}, before)

    assert {("team", "young")} == known.keys
