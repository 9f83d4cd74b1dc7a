"""promotion.json: an in-toto test result that says what the gate says."""

import pytest

from mnist_operator.gate import Mark, Ruling
from mnist_operator.runs import canonical
from mnist_operator.test_result import Verdict, build_test_result, read_verdict
from mnist_operator.trial import Trial, read_report
from unit.builders import ident
from unit.trials import CHAMPION, SHA256, told, trial

_SUBJECT = {"name": "my_model.h5", "digest": {"sha256": "cd" * 32}}


def built(of=None, **counts):
    of = of or trial()
    return build_test_result(_SUBJECT, of, read_report(of, told(of, **counts)))


def part(statement, name):
    listed = statement["predicate"]["configuration"]
    [found] = [each for each in listed if each["name"] == name]
    return found


_RESULTS = {
    "passed": ({}, "PASSED", ["Compared", "NoLeak", "MinAccuracy", "NotWorse"], []),
    "worse": (
        {"both": 85, "champion": 16},
        "FAILED",
        ["Compared", "NoLeak", "MinAccuracy"],
        ["NotWorse"],
    ),
    "leaked": ({"seen": 1}, "FAILED", ["Compared"], ["NoLeak"]),
}


@pytest.mark.parametrize(
    ("counts", "result", "passed", "failed"), _RESULTS.values(), ids=_RESULTS
)
def test_it_lists_the_tests_by_their_results(counts, result, passed, failed):
    predicate = built(**counts)["predicate"]

    assert result == predicate["result"]
    assert passed == predicate["passedTests"]
    assert failed == predicate["failedTests"]
    assert [] == predicate["warnedTests"]


def test_what_was_not_compared_is_a_warning():
    statement = build_test_result(_SUBJECT, trial(), read_report(trial(), None))

    assert "WARNED" == statement["predicate"]["result"]
    assert ["Compared"] == statement["predicate"]["warnedTests"]
    assert "images" not in part(statement, "verdict")["annotations"]


def test_its_subject_is_the_model():
    assert [_SUBJECT] == built()["subject"]


def test_it_names_what_was_compared_with_digests():
    assert {
        "name": "champion",
        "uri": f"pachyderm://default/outputrepo@{CHAMPION}",
        "digest": {"sha256": SHA256},
        "annotations": {
            "commit": CHAMPION,
            "repo": "default/outputrepo",
            "branch": "master",
            "path": "my_model.h5",
        },
    } == part(built(), "champion")


def test_it_says_the_figures_and_p():
    said = part(built(), "verdict")["annotations"]

    assert ("0.930000", "0.920000", "0.812", 100) == (
        said["accuracy"],
        said["championAccuracy"],
        said["p"],
        said["images"],
    )


def test_the_first_model_has_no_p():
    of = trial(champion="")
    statement = built(of, both=0, champion=0, challenger=95)

    assert "p" not in part(statement, "verdict")["annotations"]
    assert ["Compared", "NoLeak", "MinAccuracy"] == statement["predicate"][
        "passedTests"
    ]


def test_a_commit_that_was_named_without_a_branch_has_none():
    of = trial()
    held_out = of.to_json()["images"] | {"branch": ""}
    named = Trial(type(of.held_out)(**held_out), of.champion, of.champion_data)

    assert "branch" not in part(built(named), "heldOut")["annotations"]


def test_a_verdict_is_read_back():
    verdict = read_verdict(canonical(built()))

    assert verdict is not None
    assert (Ruling.PASSED, "NotWorse", CHAMPION) == (
        verdict.ruling,
        verdict.reason,
        verdict.champion,
    )


def test_the_first_models_verdict_names_no_champion():
    of = trial(champion="")
    verdict = read_verdict(canonical(built(of, both=0, champion=0, challenger=95)))

    assert isinstance(verdict, Verdict)
    assert "" == verdict.champion


_MARK = Mark(ident(0xF003), 98, 100)
_LOW = {"both": 86, "champion": 4, "challenger": 2, "neither": 8}


def test_a_mark_is_a_test_of_its_own():
    passed, failed = (built(trial(mark=_MARK), **each) for each in ({}, _LOW))
    unlike = built(trial(mark=Mark(ident(3), 50, 60)))

    assert "NotDrifted" == passed["predicate"]["passedTests"][-1]
    assert ["NotDrifted"] == failed["predicate"]["failedTests"]
    assert "NotDrifted" not in unlike["predicate"]["passedTests"]
    assert {
        "name": "mark",
        "uri": f"pachyderm://default/outputrepo@{_MARK.commit}",
        "annotations": {
            "commit": _MARK.commit,
            "repo": "default/outputrepo",
            "right": 98,
            "images": 100,
        },
    } == part(passed, "mark")


def test_the_next_mark_is_read_back_with_the_images_that_it_is_for():
    carried, begun = (
        read_verdict(canonical(built(of))) for of in (trial(mark=_MARK), trial())
    )

    assert _MARK == carried.mark
    assert Mark(CHAMPION, 92, 100) == begun.mark
    assert ("default/held_out", ident(0xE001), "data/test.npz") == carried.images


@pytest.mark.parametrize("counts", [_LOW, {"seen": 1}])
def test_who_did_not_pass_is_compared_with_itself_alone_once_it_is_forced(counts):
    assert read_verdict(canonical(built(trial(mark=_MARK), **counts))).mark is None


@pytest.mark.parametrize("mark", [{}, {"right": 5, "images": 4}, {"right": "x"}, 7])
def test_a_mark_that_nobody_wrote_is_none(mark):
    statement = built()
    part(statement, "verdict")["annotations"]["mark"] = mark

    assert read_verdict(canonical(statement)).mark is None


_OTHERS = {
    "missing": None,
    "no JSON": b"{",
    "another statement": b'{"predicateType": "https://slsa.dev/provenance/v1"}',
    "no verdict": canonical(built() | {"predicate": {"configuration": []}}),
    "no predicate": canonical(built() | {"predicate": None}),
}


@pytest.mark.parametrize("content", _OTHERS.values(), ids=_OTHERS)
def test_what_is_no_verdict_is_none(content):
    assert read_verdict(content) is None
