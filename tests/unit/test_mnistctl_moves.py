"""What became of a request to move production, and which model was meant by it."""

import pytest

from mnist_operator.cli.act.answers import find_answer, find_model, why_not
from mnist_operator.cli.failures import ExitStatus, NotThereError
from mnist_operator.promotion_spec import PROMOTION_REQUESTED_AT
from unit.mnistctl_records import decision, status_of

ASKED = "2026-03-31T12:00:00.123456Z"
ONE, TWO, THREE = "3843c589" * 4, "3843c58a" * 4, "77" * 16


def training(promotion=None, *, asked=ASKED, spec=None, **status):
    annotations = {PROMOTION_REQUESTED_AT: asked}
    return {
        "metadata": {"generation": 1, "annotations": annotations},
        "spec": {"promotion": {"mode": "Automatic"} if spec is None else spec},
        "status": status_of(**status) | {"promotion": promotion},
    }


def answer(said, request=ASKED):
    return {"lastHandledRequestAt": request, "lastAnswer": said}


_ENDS = {
    "moved": (training(answer("Promoted: 38: Requested: Fine.")), ExitStatus.DONE,
              "Promoted: 38: Requested: Fine."),
    "there already": (training(answer("InProduction: It is there.")), ExitStatus.DONE,
                      "InProduction: It is there."),
    "refused": (training(answer("Worse: Much worse.")), ExitStatus.NO_ANSWER,
                "production stays as it is: Worse: Much worse."),
    "overtaken": (training(answer("x", "before"), asked="later"), ExitStatus.NO_ANSWER,
                  "another one took its place"),
    "gone": (training(asked=None), ExitStatus.NO_ANSWER, "is gone)"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status", "line"), _ENDS.values(), ids=_ENDS)
def test_a_request_ends_as_the_status_says(body, status, line):
    end = find_answer(body, ASKED)

    assert status == end.status
    assert line in end.line


def test_until_the_operator_says_something_it_is_open():
    assert find_answer(training(answer("x", "before")), ASKED) is None
    assert find_answer(training(), ASKED) is None


def test_a_training_that_is_stalled_answers_nobody():
    body = training()
    body["status"] |= {
        "observedGeneration": 1,
        "conditions": [
            {
                "type": "Stalled",
                "status": "True",
                "reason": "AccessDenied",
                "message": "no right to create a branch",
                "observedGeneration": 1,
            }
        ],
    }

    assert "AccessDenied: no right to create" in find_answer(body, ASKED).line


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({}, "spec.promotion is not there"),
        ({"mode": "Off"}, "spec.promotion.mode is Off"),
        ({"mode": "Manual"}, ""),
    ],
)
def test_without_a_promotion_nobody_would_answer(spec, said):
    assert why_not(training(spec=spec)).startswith(said)
    assert bool(said) == bool(why_not(training(spec=spec)))


class TestTheModel:
    """What a user may call it."""

    BODY = training(
        {"productionCommit": ONE, "candidateCommit": TWO},
        history=[decision("1" * 32, "Published", modelCommit=THREE)],
    )

    def test_is_named_by_its_whole_id_whatever_the_status_knows(self):
        assert "ab" * 16 == find_model(self.BODY, "AB" * 16)

    @pytest.mark.parametrize(
        ("wanted", "found"), [("3843c589", ONE), ("3843C58A", TWO), ("7", THREE)]
    )
    def test_is_named_by_a_beginning_that_the_status_knows(self, wanted, found):
        assert found == find_model(self.BODY, wanted)

    @pytest.mark.parametrize(
        ("wanted", "told"),
        [
            ("3843", "is the beginning of 2 models: give more digits"),
            ("f00", "no model in the status begins with f00: give its whole ID"),
        ],
    )
    def test_must_be_one(self, wanted, told):
        with pytest.raises(NotThereError, match=told):
            find_model(self.BODY, wanted)
