"""What a model's run and the ledger say of it, and what their silence means."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mnist_operator import runs
from mnist_operator.cli.verify.report import Terms, verify
from mnist_operator.cli.verify.verification import Absence, Result
from mnist_operator.commits import Repo
from mnist_operator.decisions import Decision, Entry
from mnist_operator.signing import sign_statement
from unit import mnistctl_records as records
from unit.mnistctl_witnesses import (
    MANIFEST,
    a_run,
    check_of,
    failed,
    opened,
    verified,
    witnesses,
)

# --- the run --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "told"),
    [
        pytest.param(Absence.GONE, "is not there: it never was", id="gone"),
        pytest.param(Absence.UNASKED, "does not say in which repo", id="nowhere"),
        pytest.param(a_run(attempt=None), "is no run", id="a-strangers-commit"),
        pytest.param(
            a_run(asked={}), "/attempt.json of the run was changed", id="no-request"
        ),
        pytest.param(
            a_run(asked=records.asked() | {"attempt": 2}),
            "/attempt.json of the run was changed",
            id="another-request",
        ),
        pytest.param(
            a_run(attempt=replace(a_run().attempt, commit="6" * 32)),
            f"inputCommit: the description says {records.INPUT_COMMIT}, the run says",
            id="another-input",
        ),
        pytest.param(
            a_run(attempt=replace(a_run().attempt, outcome=None)),
            "the run did not succeed: not ended",
            id="not-ended",
        ),
        pytest.param(
            a_run(
                attempt=replace(
                    a_run().attempt, outcome=runs.Outcome(runs.Verdict.FAILED)
                )
            ),
            "the run did not succeed: Failed",
            id="failed",
        ),
        pytest.param(
            a_run(facts=records.ended() | {"node": "another"}),
            "pod.annotations.node: lineage.json says node-1, the run another",
            id="another-node",
        ),
        pytest.param(
            a_run(facts={}), "no record can be made of the run", id="no-facts"
        ),
        pytest.param(
            a_run(manifest=json.loads(MANIFEST) | {"files": []}),
            "/run.json does not agree with the files: /my_model.h5",
            id="another-list-of-files",
        ),
        pytest.param(
            a_run(facts=records.ended() | {"inputBucket": f"{'6' * 32}.master.x"}),
            "somebody changed the TFJob",
            id="another-bucket",
        ),
    ],
)  # fmt: skip
def test_a_run_that_says_something_else_is_told(run, told):
    found = verified(run=run)

    assert "run" in failed(found)
    assert told in "\n".join(check_of(found, "run").details)
    assert "do not use this model" in check_of(found, "run").remedy


def test_a_run_that_may_not_be_read_proves_nothing():
    found = verified(run=Absence.DENIED)

    assert Result.UNKNOWN is check_of(found, "run").result
    assert found.is_valid


def test_a_signature_vouches_for_a_record_whose_run_is_gone():
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    commit, content, files = records.record()
    bundle = sign_statement(content, private)
    signed = replace(opened(commit, content, files), bundle=bundle)
    seen = witnesses(commit, run=Absence.GONE)

    found = verify(signed, seen, Terms((public,)))

    assert found.is_valid
    assert "the signature vouches" in check_of(found, "run").details[0]
    assert "its run's commit is gone, with what was asked and the log" in (
        found.obstacles
    )


@pytest.mark.parametrize(
    ("named", "result", "told"),
    [
        pytest.param("", Result.UNKNOWN, "name it with --run-repo", id="by-default"),
        pytest.param("other_runs", Result.OK, "says the same", id="named"),
        pytest.param("more_runs", Result.FAILED, "and not in", id="another-named"),
    ],
)
def test_a_record_may_not_choose_the_repo_of_its_witness(named, result, told):
    """Whoever forges a record could make a repo, too, with a run that agrees."""
    place = Repo("default", "other_runs")

    found = verified(run_repo=place, terms=Terms(run_repo=named))

    assert result is check_of(found, "run").result
    assert told in check_of(found, "run").details[0]


def test_a_record_of_an_older_operator_may_say_less(monkeypatch):
    """Its keys are compared, and those that it does not know are not missed."""
    monkeypatch.setattr("mnist_operator.cli.verify.run.__version__", "0.2.0")
    commit, content, files = records.record()
    value = json.loads(content)
    del value["predicate"]["buildDefinition"]["internalParameters"]["recordVersion"]
    byproducts = value["predicate"]["runDetails"]["byproducts"]
    byproducts[:] = [each for each in byproducts if each["name"] != "environment"]
    older = runs.canonical(value)
    described = json.loads(commit.description) | {
        "lineageSha256": records.sha256(older)
    }
    commit = replace(
        commit, description=runs.canonical(described).decode(), metadata={}
    )

    found = verify(opened(commit, older, files), witnesses(commit), Terms())

    assert [] == failed(found)


def test_a_forgery_that_differs_in_everything_is_told_in_a_few_lines():
    manifest = json.loads(MANIFEST)
    manifest["metrics"] = {f"m{n}": n for n in range(50)}
    run = a_run(manifest=json.loads(MANIFEST) | {"metrics": {}})
    one = records.evidence(metrics=manifest["metrics"])

    details = check_of(verified(one=one, run=run), "run").details

    assert len(details) <= 11


# --- the ledger -----------------------------------------------------------------------


def _line(decision=Decision.PUBLISHED, **values):
    return Entry(records.NOON, decision, run=records.STAGING, **values)


@pytest.mark.parametrize(
    ("ledger", "result", "told"),
    [
        pytest.param(Absence.GONE, Result.UNKNOWN, "is not there", id="gone"),
        pytest.param(Absence.DENIED, Result.UNKNOWN, "may not be read", id="denied"),
        pytest.param([], Result.UNKNOWN, "does not name the run", id="not-yet"),
        pytest.param(
            [_line(output="6" * 32)],
            Result.FAILED,
            "it names 6666",
            id="another-commit",
        ),
        pytest.param(
            [_line(Decision.FAILED, reason="OutputInvalid")],
            Result.FAILED,
            "Failed, OutputInvalid",
            id="a-failure",
        ),
    ],
)
def test_the_ledger_says_what_the_run_was_published_as(ledger, result, told):
    check = check_of(verified(ledger=ledger), "ledger")

    assert result is check.result
    assert told in check.details[0]
