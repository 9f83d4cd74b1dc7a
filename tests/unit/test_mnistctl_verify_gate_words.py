"""What mnistctl verify makes of a promotion.json of another version's operator."""

from dataclasses import replace

import pytest

from mnist_operator.cli.verify.report import Terms, verify
from mnist_operator.cli.verify.verification import Result
from unit import mnistctl_records as records
from unit.mnistctl_verdicts import WORSE, forged, judged, verified
from unit.mnistctl_witnesses import check_of, failed, opened, witnesses
from unit.trials import CHAMPION


@pytest.fixture
def another_version(monkeypatch):
    """mnistctl is of a later release than the operator that wrote."""
    monkeypatch.setattr("mnist_operator.cli.verify.run.__version__", "0.2.0")


def rewritten(one, *changes):
    """Evidence whose promotion.json has other words, and the digest of these."""
    text = one.promotion.decode()
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    content = text.encode()
    *others, word = one.files
    word = replace(word, size=len(content), sha256=records.sha256(content))
    return replace(one, files=[*others, word], promotion=content)


def altered(*changes, counts=None):
    """A promotion.json that was changed with its record, and what verify finds."""
    one = rewritten(judged(**(counts or {}))[0], *changes)
    return verified(counts=counts, written=one.promotion, recorded=one)


PASSED_TESTS = ',"passedTests":["Compared","NoLeak","MinAccuracy","NotWorse"]'
_OLDER_WORDS = {
    "another-sentence": [("Accuracy 0.9300, in production", "It has 0.9300; before,")],
    "a-percentage": [("Accuracy 0.9300", "Accuracy 93.0 %")],
    "a-rounded-figure": [("Accuracy 0.9300", "Accuracy 0.93")],
    "the-commits-named": [("Accuracy 0.9300", f"Against {CHAMPION}: accuracy 0.9300")],
    "a-number-written-otherwise": [('"0.930000"', '"0.93"')],
    "other-spaces": [('"_type":', '"_type" :')],
    "something-that-is-no-longer-told": [('"_type":', '"seen":1,"_type":')],
    "without-what-came-later": [(PASSED_TESTS, "")],
}


@pytest.mark.parametrize("changes", _OLDER_WORDS.values(), ids=_OLDER_WORDS)
def test_an_older_operators_words_for_the_same_are_no_forgery(another_version, changes):
    found = altered(*changes)

    assert [] == failed(found)
    assert Result.OK is check_of(found, "run").result


@pytest.mark.parametrize("changes", _OLDER_WORDS.values(), ids=_OLDER_WORDS)
def test_of_an_operator_of_this_version_every_byte_counts(changes):
    assert ["run"] == failed(altered(*changes))


_ALTERED = {
    "a-count": ('"bothRight":90', '"bothRight":91', "bothRight: it says 91"),
    "an-accuracy": ('"0.930000"', '"0.990000"', "accuracy: it says 0.990000"),
    "one-in-the-sentence": ("Accuracy 0.9300", "Accuracy 0.9900", "it says 0.9900"),
    "p": ('"p":"0.812"', '"p":"0.5"', "p: it says 0.5"),
    "a-leak": ('"leaked":{"challenger":0', '"leaked":{"challenger":1', "says 1"),
    "the-bar": ('"maxRegression":"0"', '"maxRegression":"1"', "maxRegression"),
    "the-reason": ('"reason":"NotWorse"', '"reason":"First"', "it says First"),
    "the-result": ('"result":"PASSED"', '"result":"WARNED"', "result: it says WARNED"),
    "the-champion": (
        f'"commit":"{CHAMPION}","path":"my', f'"commit":"{CHAMPION[::-1]}","path":"my',
        "commit: it says"),
    "something-that-is-no-word": (
        '"reason":"NotWorse"', '"reason":true', "reason: it says True"),
    "another-commit-in-the-sentence": (
        "Accuracy 0.9300", f"{CHAMPION[::-1]}: 0.9300", "which was not compared"),
    "the-table-left-out": (
        '"table":{"bothRight":90,"bothWrong":5,"onlyChallenger":3,"onlyChampion":2},',
        "", "table: it says nothing of it"),
    "a-second-verdict": (
        '"configuration":[',
        '"configuration":[{"name":"verdict","annotations":{"verdict":"Passed"}},',
        "2 items named verdict"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "words"), _ALTERED.values(), ids=_ALTERED)
def test_what_an_older_verdict_says_is_compared(another_version, before, after, words):
    found = altered((before, after))

    assert "run" in failed(found)
    assert words in " ".join(check_of(found, "run").details)


def test_an_older_verdict_that_was_made_up_is_found(another_version):
    _, passed = forged()
    found = verified(counts=WORSE, written=passed.promotion, recorded=passed)

    assert "run" in failed(found)
    assert "Refused" in " ".join(check_of(found, "run").details)


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_a_verdict_that_was_taken_away_with_its_digest_is_missed(monkeypatch, version):
    monkeypatch.setattr("mnist_operator.cli.verify.run.__version__", version)
    one, run = judged()
    without = replace(one, files=one.files[:-1], promotion=b"")
    commit, content, files = records.record(without)

    found = verify(opened(commit, content, files), witnesses(commit, run=run), Terms())

    assert ["run"] == failed(found)
    assert "has no /promotion.json" in " ".join(check_of(found, "run").details)


@pytest.mark.parametrize("content", [b"[]", b"no JSON", b"{}"])
def test_what_is_no_verdict_at_all_is_found_by_the_run_as_well(
    another_version, content
):
    assert "run" in failed(verified(written=content))
