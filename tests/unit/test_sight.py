"""What is news to one who has looked: whatever is not as it was seen."""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.sight import Sight, differs
from mnist_operator.status import SEAL
from unit.builders import commit, ident, observed, source, training


def body(version="7", *, generation=1, status=None, **meta):
    """A MnistTraining as the API server tells of it."""
    known = {
        "namespace": "team",
        "name": "mnist",
        "uid": "u",
        "resourceVersion": version,
    }
    return {
        "metadata": {**known, "generation": generation, **meta},
        "status": status or {"head": "a"},
    }


@pytest.fixture(name="sight")
def _sight():
    """As after a whole look, with the status written."""
    sight = Sight()
    sight.read(body())
    head = commit(12)
    sight.saw(observed(source=source(head=head)), {"job": "3"})
    sight.shown = {"head": "a"}
    return sight


def test_nothing_is_known_before_the_first_look():
    sight = Sight()

    assert sight.hears(body())
    assert sight.hears_job("job", "3", gone=False)
    assert sight.hears_head(None, finished=False)
    assert sight.is_outdated("u", "7", {})


def test_what_is_as_it_was_seen_is_no_news(sight):
    assert not sight.hears(body("8"))
    assert not sight.hears_job("job", "3", gone=False)
    assert not sight.hears_job("other", "9", gone=True)
    assert not sight.hears_head(ident(12), finished=True)
    assert not sight.is_outdated("u", "7", {"job": "3"})


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(body(generation=2), id="its-spec"),
        pytest.param(body(annotations={"asked": "now"}), id="its-annotations"),
        pytest.param(body(deletionTimestamp="now"), id="its-end"),
    ],
)
def test_a_change_of_the_training_is_news(sight, changed):
    assert sight.hears(changed)


def test_another_status_is_to_be_set_right_and_no_news(sight):
    overwritten = body("8", status={"head": "b"})

    assert sight.is_overwritten(overwritten)
    assert not sight.hears(overwritten)
    assert not sight.is_overwritten(body("8"))


@pytest.mark.parametrize(
    ("name", "version", "gone"),
    [("job", "4", False), ("other", "1", False), ("job", "3", True)],
)
def test_a_change_of_a_tfjob_is_news(sight, name, version, gone):
    assert sight.hears_job(name, version, gone=gone)


@pytest.mark.parametrize(
    ("commit", "finished"), [(ident(13), True), (ident(13), False), (None, False)]
)
def test_another_head_is_news(sight, commit, finished):
    assert sight.hears_head(commit, finished=finished)


@pytest.mark.parametrize(
    ("uid", "version", "jobs"),
    [
        pytest.param("v", "7", {"job": "3"}, id="created-anew"),
        pytest.param("u", "8", {"job": "3"}, id="changed"),
        pytest.param("u", "7", {"job": "4"}, id="a-tfjob-changed"),
        pytest.param("u", "7", {}, id="a-tfjob-gone"),
        pytest.param("u", "7", {"job": "3", "more": "1"}, id="a-tfjob-more"),
    ],
)
def test_a_list_shows_what_no_event_has_told(sight, uid, version, jobs):
    assert sight.is_outdated(uid, version, jobs)


def test_our_own_status_is_no_news(sight):
    assert not sight.written(body("8"))
    assert not sight.is_outdated("u", "8", {"job": "3"})


def test_a_status_of_ours_that_is_told_of_late_is_no_news(sight):
    """Else a trouble that stays, told in turn with what is tried, never rests."""
    sight.shown = {"head": "a", "reason": "Publishing"}
    earlier = body("8", status=dict(sight.shown))
    sight.written(earlier)
    sight.shown = {"head": "a", "reason": "SourceUnreachable"}
    sight.written(body("9", status=dict(sight.shown)))

    assert not sight.is_overwritten(earlier)
    assert sight.is_overwritten(body("10", status=earlier["status"]))


def test_what_we_wrote_before_the_spec_was_changed_is_no_news_either(sight):
    sight.written(body("8"))
    sight.generation = 2

    assert not sight.hears(body("8"))
    assert sight.hears(body("9"))


@pytest.mark.parametrize("changed", [{"generation": 2}, {"status": {"head": "b"}}])
def test_what_somebody_changed_while_we_wrote_is_news(sight, changed):
    assert sight.written(body("8", **changed))
    assert sight.is_outdated("u", "8", {"job": "3"})


def test_of_one_that_is_not_followed_only_itself_is_looked_at(sight):
    sight.let_go(body("9"))

    assert not sight.is_outdated("u", "9", {"job": "5"})
    assert sight.is_outdated("u", "10", {})
    assert sight.hears(body("9"))


def test_of_one_that_is_gone_nothing_is_known(sight):
    sight.let_go(None)

    assert ("", "") == (sight.uid, sight.version)


def test_the_head_is_news_once_more_when_it_is_finished():
    sight = Sight()
    sight.saw(observed(source=source(head=commit(12, state=CommitState.OPEN))), {})

    assert not sight.hears_head(ident(12), finished=False)
    assert sight.hears_head(ident(12), finished=True)


def test_a_feed_that_knows_less_of_the_same_head_is_no_news(sight):
    assert not sight.hears_head(ident(12), finished=False)


def test_a_branch_without_a_head_is_seen_as_that():
    sight = Sight()
    sight.saw(observed(source=source()), {})

    assert not sight.hears_head(None, finished=False)


@pytest.mark.parametrize("head", [ident(12), None])
def test_what_is_recognised_is_known_from_then_on(head):
    sight = Sight()
    sight.recognised(training(status={"head": "a", SEAL: "x"}), {"job": "3"}, head)

    assert not sight.is_overwritten(body("8", status={"head": "a"}))
    assert sight.is_overwritten(body("8", status={"head": "b"}))
    assert not sight.hears_head(head, finished=head is not None)
    assert sight.hears_head(ident(13), finished=False)


def test_the_secret_that_it_names_is_remembered():
    sight = Sight()
    sight.read(body() | {"spec": {"pachyderm": {"secretRef": {"name": "token"}}}})

    assert ("team", "token") == sight.secret


def test_a_status_that_was_left_and_comes_back_is_written_again(sight):
    """One look may tell of what it is about to do, and then of what became of it."""
    sight.shown = {"head": "b"}
    sight.written(body("8", status={"head": "b"}))

    assert differs(sight.status, {"head": "a"})
    assert not differs(sight.status, {"head": "b"})
