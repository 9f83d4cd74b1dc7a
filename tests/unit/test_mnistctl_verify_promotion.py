"""What mnistctl verify makes of a promotion that is true, altered or made up."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mnist_operator.cli.verify.report import Terms, verify
from mnist_operator.cli.verify.verification import Absence, Result
from mnist_operator.commits import Repo
from mnist_operator.decisions import Decision, Entry
from mnist_operator.evidence import with_verdict
from mnist_operator.runs import canonical
from mnist_operator.signing import sign_statement
from mnist_operator.test_result import PROMOTION_FILE, read_verdict
from unit import mnistctl_records as records
from unit.mnistctl_witnesses import a_run, check_of, failed, opened, witnesses
from unit.trials import CHAMPION, told, trial

TRIAL = trial()
_ATTEMPT = replace(a_run().attempt, trial=TRIAL)
_ASKED = records.asked() | {"heldOut": TRIAL.to_json()}
_WORSE = {"both": 80, "champion": 16}


def judged(**counts):
    """A run's evidence with the gate's word, and the run."""
    report = canonical(told(TRIAL, **counts))
    one = with_verdict(replace(records.evidence(), attempt=_ASKED), TRIAL, report)
    return one, a_run(asked=_ASKED, attempt=_ATTEMPT, report=report)


def line(decision=Decision.PROMOTED, reason="Automatic", **fields):
    """What the ledger says, true of a model that passed unless a field is changed."""
    said = read_verdict(judged()[0].promotion).message
    values = {"message": said, "previous": CHAMPION, "commit": records.INPUT_COMMIT}
    return Entry(records.NOON, decision, reason=reason, **(values | fields))


def verified(*, counts=None, written=None, recorded=None, terms=None, key=None, **said):
    """One model with a verdict; what is written, or recorded, may be another one."""
    one, run = judged(**(counts or {}))
    written = one.promotion if written is None else written
    commit, content, files = records.record(recorded or one)
    model = opened(commit, content, files)
    if key is not None:
        model = replace(model, bundle=sign_statement(content, key))
    seen = {
        "run": run,
        "promotion": written,
        "hashes": {PROMOTION_FILE: records.sha256(written)},
    }
    return verify(model, witnesses(commit, **(seen | said)), terms or Terms())


def forged():
    """The verdict of a model that was refused, and one by which it passed."""
    refused, passed = judged(**_WORSE)[0], judged()[0]
    return refused, passed


def test_a_promotion_as_the_operator_left_it_is_valid():
    found = verified(moves=[line()])

    assert [] == failed(found)
    assert (
        "the gate said: Passed, NotWorse; the ledger: Promoted, Automatic"
        == (check_of(found, "promotion").details[0])
    )


def test_a_model_that_was_never_compared_has_no_such_check():
    one = records.evidence()
    commit, content, files = records.record(one)
    found = verify(opened(commit, content, files), witnesses(commit), Terms())

    assert "promotion" not in {each.name for each in found.checks}


def test_a_verdict_that_was_altered_is_found_by_its_digest():
    refused, passed = forged()
    found = verified(counts=_WORSE, written=passed.promotion)

    assert "files" in failed(found)
    assert "promotion.json has sha256" in check_of(found, "files").details[0]
    assert refused.promotion != passed.promotion


@pytest.mark.parametrize("run", [Absence.GONE, Absence.DENIED])
def test_it_is_found_also_where_there_is_no_run_to_ask(run):
    _, passed = forged()

    assert "files" in failed(verified(counts=_WORSE, written=passed.promotion, run=run))


def test_a_verdict_that_was_altered_with_its_record_is_found_by_the_run():
    """The gate is asked once more, by what the run's trainer counted."""
    _, passed = forged()
    found = verified(counts=_WORSE, written=passed.promotion, recorded=passed)

    told = check_of(found, "run").details[0]
    assert ["run"] == failed(found)
    assert "verdict: it says Passed, by the run it is Refused" in told


def test_where_the_operator_signs_both_need_its_key():
    """Also when the run is gone that could have contradicted them."""
    key, other = (Ed25519PrivateKey.generate() for _ in range(2))
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    _, passed = forged()
    private = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both = verified(
        counts=_WORSE,
        written=passed.promotion,
        recorded=passed,
        terms=Terms((public,)),
        key=private,
        run=Absence.GONE,
    )
    ours = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    alone = verified(
        counts=_WORSE,
        written=passed.promotion,
        terms=Terms((public,)),
        key=ours,
        run=Absence.GONE,
    )

    assert ["signature", "run"] == failed(both)
    assert ["files"] == failed(alone)


def test_a_file_that_is_no_verdict_is_told():
    found = verified(written=b"{}")

    assert {"files", "promotion", "run"} == {*failed(found)}


# --- written by an operator of another version ---------------------------------------


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
    found = verified(counts=_WORSE, written=passed.promotion, recorded=passed)

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


_REFUSED = read_verdict(judged(**_WORSE)[0].promotion).message
_MADE_UP = {
    "a promotion of a model that was refused": (
        _WORSE, line(), "but the gate said Worse"),
    "one that was asked for, without force": (
        _WORSE, line(reason="Requested"), "but the gate said Worse"),
    "one in another one's place": (
        {}, line(previous=CHAMPION[::-1]), "but the gate said ChampionChanged"),
    "with other figures": (
        {}, line(message="Accuracy 0.9999."), "with other figures than the gate"),
    "of other data": ({}, line(commit="6" * 32), "of input commit 6666"),
    "a refusal of a model that passed": (
        {}, line(Decision.WITHHELD, "Worse"), "it would be ChampionChanged"),
    "a refusal for another reason": (
        _WORSE, line(Decision.WITHHELD, "Leaked", message=_REFUSED),
        "it would be Worse"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "made_up", "told_of"), _MADE_UP.values(), ids=_MADE_UP
)
def test_a_line_that_the_operator_would_not_write_is_found(counts, made_up, told_of):
    check = check_of(verified(counts=counts, moves=[made_up]), "promotion")

    assert Result.FAILED is check.result
    assert told_of in check.details[0]
    assert "who wrote to the ledger's branch" in check.remedy


_TRUE = {
    "forced": (_WORSE, line(reason="Forced", message="Asked for.")),
    "rolled back": ({}, line(reason="RolledBack", message="Asked for.")),
    "by hand": (_WORSE, line(reason="ByHand", message="Somebody.")),
    "asked for": ({}, line(reason="Requested", message="Asked for.")),
    "refused": (_WORSE, line(Decision.WITHHELD, "Worse", message=_REFUSED)),
    "overtaken": ({}, line(Decision.WITHHELD, "ChampionChanged", message="x")),
    "declined": (_WORSE, line(Decision.WITHHELD, "NeverPromoted", request="now")),
}


@pytest.mark.parametrize(("counts", "true"), _TRUE.values(), ids=_TRUE)
def test_a_line_that_the_operator_writes_is_none(counts, true):
    assert [] == failed(verified(counts=counts, moves=[true]))


def test_a_promotion_of_a_model_without_a_verdict_is_made_up():
    one = records.evidence()
    commit, content, files = records.record(one)
    seen = witnesses(commit, moves=[line(), line(Decision.WITHHELD, "NotCompared")])
    found = verify(opened(commit, content, files), seen, Terms())

    assert ["promotion"] == failed(found)
    assert 1 == len(check_of(found, "promotion").details)


@pytest.mark.parametrize(
    ("absence", "why"),
    [(Absence.GONE, "is not there"), (Absence.DENIED, "may not be read")],
)
def test_without_a_ledger_nothing_is_known_of_promotions(absence, why):
    check = check_of(verified(moves=absence, ledger=absence), "promotion")

    assert Result.UNKNOWN is check.result
    assert f"Passed, NotWorse; the ledger {why}" in check.details[0]


def test_a_ledger_that_the_record_alone_names_proves_nothing():
    place = Repo("default", "other_runs")
    found = verified(run_repo=place, moves=[line()])

    assert Result.UNKNOWN is check_of(found, "promotion").result
