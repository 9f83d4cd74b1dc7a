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

    assert ["run"] == failed(found)
    assert "subject.promotion.json" in check_of(found, "run").details[0]


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

    assert {"files", "promotion"} == {*failed(found)}


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
