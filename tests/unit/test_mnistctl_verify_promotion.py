"""What mnistctl verify makes of a promotion that is true, altered or made up."""

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
from mnist_operator.decisions import Decision
from mnist_operator.test_result import read_verdict
from unit import mnistctl_records as records
from unit.mnistctl_verdicts import WORSE, forged, judged, line, verified
from unit.mnistctl_witnesses import check_of, failed, opened, witnesses
from unit.trials import CHAMPION


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
    found = verified(counts=WORSE, written=passed.promotion)

    assert "files" in failed(found)
    assert "promotion.json has sha256" in check_of(found, "files").details[0]
    assert refused.promotion != passed.promotion


@pytest.mark.parametrize("run", [Absence.GONE, Absence.DENIED])
def test_it_is_found_also_where_there_is_no_run_to_ask(run):
    _, passed = forged()

    assert "files" in failed(verified(counts=WORSE, written=passed.promotion, run=run))


def test_a_verdict_that_was_altered_with_its_record_is_found_by_the_run():
    """The gate is asked once more, by what the run's trainer counted."""
    _, passed = forged()
    found = verified(counts=WORSE, written=passed.promotion, recorded=passed)

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
        counts=WORSE,
        written=passed.promotion,
        recorded=passed,
        terms=Terms((public,)),
        key=private,
        run=Absence.GONE,
    )
    ours = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    alone = verified(
        counts=WORSE,
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


_REFUSED = read_verdict(judged(**WORSE)[0].promotion).message
_MADE_UP = {
    "a promotion of a model that was refused": (
        WORSE, line(), "but the gate said Worse"),
    "one that was asked for, without force": (
        WORSE, line(reason="Requested"), "but the gate said Worse"),
    "one in another one's place": (
        {}, line(previous=CHAMPION[::-1]), "but the gate said ChampionChanged"),
    "with other figures": (
        {}, line(message="Accuracy 0.9999."), "with other figures than the gate"),
    "of other data": ({}, line(commit="6" * 32), "of input commit 6666"),
    "a refusal of a model that passed": (
        {}, line(Decision.WITHHELD, "Worse"), "it would be ChampionChanged"),
    "a refusal for another reason": (
        WORSE, line(Decision.WITHHELD, "Leaked", message=_REFUSED),
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
    "forced": (WORSE, line(reason="Forced", message="Asked for.")),
    "rolled back": ({}, line(reason="RolledBack", message="Asked for.")),
    "by hand": (WORSE, line(reason="ByHand", message="Somebody.")),
    "asked for": ({}, line(reason="Requested", message="Asked for.")),
    "refused": (WORSE, line(Decision.WITHHELD, "Worse", message=_REFUSED)),
    "overtaken": ({}, line(Decision.WITHHELD, "ChampionChanged", message="x")),
    "declined": (WORSE, line(Decision.WITHHELD, "NeverPromoted", request="now")),
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
