"""What was read before and says the same is not read again; what has changed, is."""

from dataclasses import replace

import pytest

from mnist_operator import runs
from mnist_operator.errors import InvalidSpecError
from mnist_operator.familiar import Familiar, run_of
from mnist_operator.status import timestamp
from mnist_operator.tfjob import RUN_LABEL, JobPhase
from unit.builders import IMAGE, NOW, attempt, commit, ident, training


@pytest.fixture(name="familiar")
def _familiar():
    return Familiar()


def _body(spec, **meta):
    known = {"namespace": "team", "name": "mnist", "uid": "uid-1"}
    return {"metadata": known | meta, "spec": spec}


def _job(version="1", *, kind="Running", uid="job-1"):
    known = {"uid": uid, "resourceVersion": version}
    return {
        "metadata": {
            "name": "mnist-1",
            "creationTimestamp": timestamp(NOW),
            "labels": {RUN_LABEL: ident(7)},
        }
        | {name: said for name, said in known.items() if said},
        "status": {"conditions": [{"type": kind, "status": "True"}]},
    }


class TestTraining:
    def test_the_same_spec_is_read_once(self, familiar):
        first = familiar.training(_body({"suspend": True}))
        second = familiar.training(_body({"suspend": True}, generation=7))

        assert first.spec is second.spec
        assert 7 == second.generation

    def test_another_spec_is_read_anew(self, familiar):
        familiar.training(_body({"suspend": True}))

        assert not familiar.training(_body({"suspend": False})).spec.suspend

    def test_one_that_cannot_be_read_is_not_taken_for_the_last(self, familiar):
        familiar.training(_body({}))

        for _ in range(2):
            with pytest.raises(InvalidSpecError, match="nonsense"):
                familiar.training(_body({"nonsense": 1}))


class TestRun:
    def test_it_is_what_is_computed_for_the_spec(self, familiar):
        wanted = runs.run_spec(training(), default_image=IMAGE)

        assert (wanted, runs.digest(wanted)) == familiar.run(training(), IMAGE)

    def test_another_image_or_spec_gives_another_digest(self, familiar):
        one = training()
        found = [
            familiar.run(one, IMAGE)[1],
            familiar.run(one, "other:1")[1],
            familiar.run(training(output={"repo": "others"}), IMAGE)[1],
            familiar.run(one, IMAGE)[1],
        ]

        assert 3 == len(set(found))
        assert found[0] == found[3]


class TestAttempts:
    def _head(self, **changes):
        said = runs.describe_attempt(attempt())
        return replace(commit(7, description=said), **changes)

    def test_each_has_its_slot_and_what_is_none_is_left_out(self, familiar):
        heads = [None, self._head(), commit(8, description="by hand")]
        for _ in range(2):
            found = familiar.attempts(heads)

            assert [(1, ident(7))] == [(each.slot, each.staging) for each in found]

    def test_a_head_that_has_changed_is_read_anew(self, familiar):
        head = self._head(finishing=None, finished=None)
        (before,) = familiar.attempts([head])
        (after,) = familiar.attempts([self._head()])

        assert before.is_open
        assert not after.is_open


class TestJobs:
    def test_one_of_the_same_version_is_read_once(self, familiar):
        (first,) = familiar.jobs([_job()], {})
        (second,) = familiar.jobs([_job(kind="Failed")], {})

        assert first is second

    @pytest.mark.parametrize("told", [{"version": "2"}, {"uid": "job-2"}])
    def test_another_version_or_object_is_read_anew(self, familiar, told):
        familiar.jobs([_job()], {})
        (job,) = familiar.jobs([_job(kind="Failed", **told)], {})

        assert JobPhase.FAILED is job.phase

    def test_a_change_of_its_pods_is_news(self, familiar):
        state = {"containerStatuses": [{"name": "tensorflow", "state": {}}]}
        pod = {"metadata": {"name": "p", "uid": "p", "resourceVersion": "5"}}
        (before,) = familiar.jobs([_job()], {ident(7): []})
        (after,) = familiar.jobs([_job()], {ident(7): [pod | {"status": state}]})

        assert (0, 1) == (before.pods_there, after.pods_there)

    def test_one_without_a_version_is_always_read(self, familiar):
        familiar.jobs([_job(version="")], {})
        (job,) = familiar.jobs([_job(version="", kind="Failed")], {})

        assert JobPhase.FAILED is job.phase

    def test_what_is_listed_no_more_is_forgotten(self, familiar):
        familiar.jobs([_job()], {})
        familiar.jobs([], {})
        (job,) = familiar.jobs([_job(kind="Failed")], {})

        assert JobPhase.FAILED is job.phase


def test_a_job_names_its_run():
    assert ident(7) == run_of(_job())
