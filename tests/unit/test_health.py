"""What the probes say about how things stand."""

import pytest

from mnist_operator.health import (
    FRESH_SECONDS,
    Facts,
    Role,
    is_fresh,
    livez,
    readyz,
)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("problem", ["", "Cannot connect to host"])
def test_whoever_has_no_loop_that_stands_still_is_alive(role, problem):
    facts = Facts(role, trainings=2, busy={"team/a": 0.0}, problem=problem)

    report = livez(facts, limit=100.0, now=100.0)

    assert report.ok
    assert {"status": "ok", "role": role, "trainings": 2} == report.to_json()


def test_a_loop_that_stands_still_is_named_with_how_long():
    busy = {"team/a": 10.0, "team/b": 899.0, "team/c": 0.4}
    facts = Facts(Role.WORKING, trainings=4, busy=busy)

    report = livez(facts, limit=600.0, now=1000.0)

    assert not report.ok
    assert {
        "status": "failing",
        "role": "working",
        "trainings": 4,
        "stuck": 2,
        "stuckSeconds": {"team/c": 1000, "team/a": 990},
    } == report.to_json()


def test_of_many_that_stand_still_the_longest_are_named():
    busy = {f"team/{place}": float(place) for place in range(100)}

    report = livez(Facts(Role.WORKING, busy=busy), limit=1.0, now=1000.0)

    assert 100 == report.details["stuck"]
    assert [f"team/{place}" for place in range(5)] == list(
        report.details["stuckSeconds"]
    )


@pytest.mark.parametrize("role", Role)
def test_whom_the_api_server_answers_is_ready(role):
    report = readyz(Facts(role, problem=""))

    assert report.ok
    assert {"status": "ok", "role": role, "apiServer": "ok"} == report.to_json()


def test_who_has_no_answer_is_not_ready_and_says_why():
    report = readyz(Facts(Role.WORKING, problem="HTTP 401" + "!" * 1000))

    assert not report.ok
    assert "failing" == report.to_json()["status"]
    assert report.details["apiServer"].startswith("HTTP 401!")
    assert 200 == len(report.details["apiServer"])


def test_who_has_not_asked_yet_is_not_ready():
    assert not readyz(Facts(Role.STARTING)).ok


@pytest.mark.parametrize(
    ("problem", "age", "expected"),
    [
        pytest.param("", FRESH_SECONDS, True, id="answered-just-now"),
        pytest.param("", FRESH_SECONDS + 1, False, id="answered-long-ago"),
        pytest.param("HTTP 503", 0, False, id="did-not-answer-just-now"),
    ],
)
def test_only_a_fresh_answer_speaks_for_the_next_one(problem, age, expected):
    facts = Facts(Role.WORKING, asked_at=50.0, problem=problem)

    assert expected is is_fresh(facts, now=50.0 + age)
