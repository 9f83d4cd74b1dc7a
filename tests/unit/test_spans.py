"""The spans of a run: what each is about, from when to when, and below which."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnist_operator.decisions import Decision
from mnist_operator.runs import Verdict
from mnist_operator.spans import parent_of, spans_of_attempt, spans_of_end
from unit.builders import NOW, ago, attempt, closed, entry, ident, staging_id

FINISHED = ago(310)
FACTS = {
    "tfjob": "mnist-a011a011a011",
    "tfjobUid": "job-1",
    "pod": "mnist-worker-0",
    "node": "node-1",
    "imageID": "sha256:1",
    "createdAt": ago(299.5).isoformat(),
    "startedAt": ago(290).isoformat(),
    "endedAt": ago(61).isoformat(),
}


def ended(verdict=Verdict.SUCCEEDED, *, facts=FACTS, number=1, fields=None, **outcome):
    """A closed attempt; keywords are of its outcome."""
    return closed(attempt(number, facts=facts, **(fields or {})), verdict, **outcome)


def failed(number=1, **more):
    said = {"reason": "TrainerKilled", "message": "Exit  code\n137.", "exit_code": 137}
    return ended(Verdict.FAILED, number=number, **said, **more)


def named(spans):
    found = {each.name: each for each in spans}
    assert len(found) == len(spans)
    return found


def seconds(span):
    """From when to when, in seconds before NOW."""
    return (NOW - span.begun).total_seconds(), (NOW - span.ended).total_seconds()


def test_an_attempt_is_observed_created_and_trained_one_after_the_other():
    spans = named(spans_of_attempt(ended(), FINISHED))

    assert ["observe", "create", "train"] == list(spans)
    assert (310, 300) == seconds(spans["observe"])
    assert (300, 299.5) == seconds(spans["create"])
    assert (290, 61) == seconds(spans["train"])
    assert {ident(1)} == {each.trace for each in spans.values()}


def test_training_says_where_it_was_and_how_it_ended():
    train = named(spans_of_attempt(failed(), FINISHED))["train"]

    assert "TrainerKilled: Exit code 137." == train.error
    expected = {
        "k8s.namespace.name": "team",
        "mnist.training": "mnist",
        "mnist.input.commit": ident(1),
        "mnist.attempt": 1,
        "mnist.run": staging_id(),
        "mnist.tfjob": "mnist-a011a011a011",
        "mnist.outcome": "Failed",
        "mnist.reason": "TrainerKilled",
        "error.type": "TrainerKilled",
        "process.exit.code": 137,
        "k8s.pod.name": "mnist-worker-0",
        "k8s.node.name": "node-1",
        "container.image.id": "sha256:1",
    }
    assert expected == train.attributes


def test_what_went_well_is_no_error_and_what_is_not_known_is_not_told():
    train = named(spans_of_attempt(ended(facts={}), FINISHED))["train"]

    assert "" == train.error
    assert not {"error.type", "process.exit.code", "k8s.pod.name"} & {*train.attributes}


def test_a_failure_without_a_word_is_one():
    train = named(spans_of_attempt(ended(Verdict.FAILED), FINISHED))["train"]

    assert "failed" == train.error


@pytest.mark.parametrize(
    ("of", "names"),
    [
        pytest.param(ended(), ["observe", "create", "train"], id="good"),
        pytest.param(failed(number=2), ["create", "train"], id="second"),
        pytest.param(
            ended(fields={"request": "again"}), ["create", "train"], id="requested"
        ),
        pytest.param(attempt(), [], id="open"),
        pytest.param(closed(attempt(), Verdict.ABANDONED), [], id="never-had-a-tfjob"),
        pytest.param(
            ended(Verdict.ABANDONED, reason="Superseded"),
            ["observe", "create", "train"],
            id="stopped",
        ),
        pytest.param(
            ended(fields={"commit": "no-hexadecimal-digits"}), [], id="no-trace"
        ),
        pytest.param(
            ended(fields={"commit": "0" * 32}), [], id="the-trace-that-is-none"
        ),
    ],
)
def test_each_attempt_has_the_spans_of_what_happened(of, names):
    assert names == [each.name for each in spans_of_attempt(of, FINISHED)]


def test_a_commit_whose_finish_is_not_known_was_not_observed():
    assert ["create", "train"] == [
        each.name for each in spans_of_attempt(ended(), None)
    ]


def test_what_is_stopped_is_no_error():
    train = named(spans_of_attempt(ended(Verdict.ABANDONED, reason="Old"), FINISHED))

    assert ("", "Old") == (
        train["train"].error,
        train["train"].attributes["mnist.reason"],
    )


def test_an_attempt_that_waited_for_its_commit_has_seen_it_at_once():
    """It is opened as soon as somebody begins to push."""
    spans = named(spans_of_attempt(ended(), ago(299.9)))

    assert (299.9, 299.9) == seconds(spans["observe"])
    assert (299.9, 299.5) == seconds(spans["create"])


def test_whole_seconds_of_kubernetes_turn_no_time_round():
    early = FACTS | {"startedAt": ago(300).isoformat(), "endedAt": ago(300).isoformat()}
    spans = named(spans_of_attempt(ended(facts=early), FINISHED))

    assert (299.5, 299.5) == seconds(spans["train"])


def test_without_a_time_of_creation_the_start_is_one():
    """As in attempts of an operator that nobody asked for traces."""
    facts = {key: told for key, told in FACTS.items() if key != "createdAt"}
    spans = named(spans_of_attempt(ended(facts=facts), FINISHED))

    assert (300, 290) == seconds(spans["create"])
    assert (290, 61) == seconds(spans["train"])


def test_times_that_are_none_leave_those_of_pachd():
    spans = named(spans_of_attempt(ended(facts={"startedAt": "?"}), FINISHED))

    assert (300, 60) == seconds(spans["train"])


def test_a_model_ends_its_publication_and_its_run():
    spans = named(spans_of_end(entry(), ended(), FINISHED))

    assert ["publish", "run"] == list(spans)
    assert (60, 0) == seconds(spans["publish"])
    assert (310, 0) == seconds(spans["run"])
    assert "" == spans["publish"].error == spans["run"].error
    assert ident(0xF001) == spans["publish"].attributes["mnist.output.commit"]
    expected = {
        "k8s.namespace.name": "team",
        "mnist.training": "mnist",
        "mnist.input.commit": ident(1),
        "mnist.decision": "Published",
        "mnist.attempts": 1,
        "mnist.output.commit": ident(0xF001),
        "mnist.accuracy": 0.97,
    }
    assert expected == spans["run"].attributes


@pytest.mark.parametrize(
    ("decision", "of", "names"),
    [
        pytest.param(Decision.FAILED, failed(), ["run"], id="failed"),
        pytest.param(Decision.FAILED, ended(), ["publish", "run"], id="not-published"),
        pytest.param(Decision.SKIPPED, ended(), ["run"], id="overtaken"),
        pytest.param(
            Decision.SKIPPED, ended(Verdict.ABANDONED), ["run"], id="superseded"
        ),
        pytest.param(
            Decision.PUBLISHED, ended(fields={"commit": "?"}), [], id="no-trace"
        ),
    ],
)
def test_each_end_has_the_spans_of_what_ended(decision, of, names):
    line = entry(1, decision, reason="OutputInvalid", message="No model.", accuracy="?")
    spans = spans_of_end(line, of, FINISHED)

    assert names == [each.name for each in spans]
    wrong = "OutputInvalid: No model." if decision is Decision.FAILED else ""
    assert {wrong} >= {each.error for each in spans}
    told = [each.attributes.get("error.type", "") for each in spans[:-1]]
    assert told == ["OutputInvalid" if wrong else ""] * len(told)


def tree(of, line=None):
    """All spans of a run's attempt and end."""
    return (
        *spans_of_attempt(of, FINISHED),
        *spans_of_end(line or entry(), of, FINISHED),
    )


def test_one_root_holds_all_that_was_done_for_a_commit():
    first, second = failed(), ended(number=2)
    spans = (*spans_of_attempt(first, FINISHED), *tree(second))

    names = ["observe", "create", "train", "create", "train", "publish", "run"]
    [root] = [each for each in spans if not each.parent]
    assert names == [each.name for each in spans]
    assert "run" == root.name
    assert {root.id} == {each.parent for each in spans if each is not root}
    assert len(spans) == len({each.id for each in spans})


def test_pods_work_in_the_span_of_their_training():
    train = named(spans_of_attempt(ended(), FINISHED))["train"]

    assert f"00-{ident(1)}-{train.id}-01" == parent_of(attempt())
    assert "" == parent_of(attempt(commit="no-hexadecimal-digits"))


def test_a_run_that_was_requested_is_another_in_the_same_trace():
    asked = ended(fields={"request": "again", "staging": ident(0xB001)})
    first, second = tree(ended()), tree(asked, entry(request="again"))

    assert {ident(1)} == {each.trace for each in (*first, *second)}
    assert set() == {each.id for each in first} & {each.id for each in second}
    assert "again" == second[-1].attributes["mnist.request"]
    assert second[-1].id == second[0].parent


def test_two_trainings_that_follow_one_branch_share_its_traces_and_no_span():
    other = ended(fields={"training": "team/other", "staging": ident(0xB001)})

    mine, theirs = tree(ended()), tree(other)

    assert {ident(1)} == {each.trace for each in (*mine, *theirs)}
    assert set() == {each.id for each in mine} & {each.id for each in theirs}


def test_whoever_tells_of_the_same_tells_the_same():
    again = replace(ended(), facts=dict(FACTS))

    assert tree(ended()) == tree(again)


def test_clocks_that_differ_turn_no_span_round():
    spans = spans_of_end(entry(time=ago(400)), ended(), NOW + timedelta(seconds=1))

    assert all(each.begun <= each.ended for each in spans)
