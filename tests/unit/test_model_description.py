"""A model's commit: its description, the index beside it, and how they agree."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import lineage
from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision
from unit.builders import IMAGE, OUTPUT, commit, examples, ident, staging_id
from unit.evidence import (
    BARE,
    MANIFEST,
    RECORD,
    REVISION,
    an_attempt,
    dependencies,
    evidence,
    said,
)


class TestDescription:
    @examples
    @given(st.from_regex(r"[a-zA-Z0-9_-]{1,63}", fullmatch=True))
    def test_comes_back_as_the_model_that_it_describes(self, branch):
        of = evidence(attempt=an_attempt(input={"branch": branch}))
        text = lineage.describe_model(of, statement_sha256="ab" * 32)

        model = lineage.read_model(commit(9, repo=OUTPUT, description=text))

        assert (
            lineage.Model(
                commit=ident(9),
                training="team/mnist",
                input_repo="default/inputrepo",
                input_branch=branch,
                input_commit=ident(1),
                run=staging_id(),
                attempt=1,
                tfjob=RECORD["tfjob"],
                image=IMAGE,
                spec=of.attempt["specSha256"],
                accuracy="0.9813",
                lineage_sha256="ab" * 32,
            )
            == model
        )

    def test_of_an_open_commit_lacks_only_what_is_not_known_yet(self):
        text = lineage.describe_model(BARE)

        model = lineage.read_model(commit(9, repo=OUTPUT, description=text))

        assert ("", "") == (model.accuracy, model.lineage_sha256)
        assert ident(1) == model.input_commit
        assert "" not in json.loads(text).values()

    def test_is_the_identity_of_the_model_and_of_all_that_made_it(self):
        of = evidence(manifest=said(sourceRevision=REVISION, installedSha256="9" * 64))

        told = json.loads(lineage.describe_model(of, statement_sha256="ab" * 32))

        found = dependencies(of)
        assert {
            "kind": "mnist-operator/model",
            "version": 1,
            "training": "team/mnist",
            "inputRepo": "default/inputrepo",
            "inputBranch": "master",
            "inputCommit": ident(1),
            "dataSha256": found["input"]["digest"]["sha256"],
            "run": staging_id(),
            "attempt": 1,
            "tfjob": RECORD["tfjob"],
            "image": IMAGE,
            "imageSha256": "ee" * 32,
            "gitCommit": REVISION,
            "packagesSha256": "9" * 64,
            "specSha256": of.attempt["specSha256"],
            "seed": 7,
            "accuracy": "0.9813",
            "modelSha256": "aa" * 32,
            "previousModel": ident(0xF000),
            "operator": "0.1.0",
            "lineageSha256": "ab" * 32,
        } == told

    @pytest.mark.parametrize("seed", [None, "7", 7.5, True, 10**80, [7]], ids=repr)
    def test_a_seed_that_is_no_number_is_not_told(self, seed):
        of = evidence(manifest=MANIFEST | {"parameters": {"seed": seed}})

        assert "seed" not in json.loads(lineage.describe_model(of))

    @pytest.mark.parametrize("seed", [0, 2**31, -1])
    def test_a_seed_is_told_in_both_copies(self, seed):
        of = evidence(manifest=MANIFEST | {"parameters": {"seed": seed}})

        assert seed == json.loads(lineage.describe_model(of))["seed"]
        entries = lineage.metadata_entries(of, statement_sha256="ab" * 32)
        assert str(seed) == entries["params.seed"]


_OURS = json.loads(lineage.describe_model(evidence()))


@pytest.mark.parametrize(
    "description",
    [
        pytest.param("", id="empty"),
        pytest.param("a model made by hand", id="words"),
        pytest.param("[]", id="a-list"),
        pytest.param("17", id="a-number"),
        pytest.param('{"kind": "mnist-operator/attempt"}', id="of-another-kind"),
        pytest.param('{"kind": "mnist-operator/model"}', id="half-of-ours"),
        pytest.param(json.dumps(_OURS | {"attempt": "x"}), id="an-attempt-in-words"),
        pytest.param(
            json.dumps(_OURS | {"attempt": float("inf")}), id="an-attempt-without-end"
        ),
        pytest.param("[" * 100_000, id="nested-without-end"),
    ],
)
def test_a_commit_of_somebody_elses_is_no_model(description):
    assert lineage.read_model(commit(9, description=description)) is None


class TestMetadata:
    def test_is_flat_and_points_from_the_model_to_its_data(self):
        entries = lineage.metadata_entries(evidence(), statement_sha256="ab" * 32)

        assert all(isinstance(value, str) for value in entries.values())
        assert "" not in entries.values()
        assert ident(1) == entries["input.commit"]
        assert "aa" * 32 == entries["model.sha256"]
        assert "ee" * 32 == entries["code.imageDigest"]
        assert REVISION == entries["code.gitCommit"]
        assert "0.9813" == entries["metrics.accuracy"]
        assert "7" == entries["params.seed"]
        assert ident(0xF000) == entries["previous.commit"]
        assert ("team/mnist", "1", "j1", "1") == (
            entries["training.name"],
            entries["run.attempt"],
            entries["run.tfjobUid"],
            entries["record.version"],
        )
        data = dependencies(evidence())["input"]["digest"]["sha256"]
        assert data == entries["data.sha256"]

    def test_leaves_out_what_is_unknown(self):
        entries = lineage.metadata_entries(BARE, statement_sha256="ab" * 32)

        assert set() == entries.keys() & {
            *("code.gitCommit", "code.packagesSha256", "data.sha256", "params.seed"),
            *("metrics.accuracy", "previous.commit", "run.request"),
        }
        assert "aa" * 32 == entries["model.sha256"]


def test_the_three_copies_agree():
    of = evidence()
    described = json.loads(lineage.describe_model(of, statement_sha256="ab" * 32))
    entries = lineage.metadata_entries(of, statement_sha256="ab" * 32)
    stated = dependencies(of)["input"]["annotations"]["commit"]

    assert stated == described["inputCommit"] == entries["input.commit"]
    assert described["lineageSha256"] == entries["lineage.sha256"]
    assert described["specSha256"] == entries["spec.sha256"]


def published(of, state=CommitState.FINISHED):
    """The output commit that a run's evidence describes."""
    text = lineage.describe_model(of, statement_sha256="ab" * 32)
    return commit(9, repo=OUTPUT, description=text, state=state)


@pytest.mark.parametrize(
    ("training", "description", "ours"),
    [
        pytest.param("team/mnist", published(evidence()).description, True, id="ours"),
        pytest.param(
            "team/other", published(evidence()).description, False, id="another's"
        ),
        pytest.param("team/mnist", "by hand", False, id="nobody's"),
    ],
)
def test_a_model_belongs_to_one_training(training, description, ours):
    found = lineage.model_of(commit(9, description=description), training)

    assert ours is (found is not None)


@pytest.mark.parametrize("request_", ["", "now"], ids=["in-its-turn", "by-hand"])
def test_a_missing_line_of_the_ledger_is_made_from_the_model(request_):
    of = evidence(attempt=an_attempt() | ({"request": request_} if request_ else {}))
    output = published(of)

    line = lineage.publication_of(output, lineage.read_model(output))

    assert (Decision.PUBLISHED, ident(1), ident(9)) == (
        line.decision,
        line.commit,
        line.output,
    )
    assert (staging_id(), 1, RECORD["tfjob"]) == (line.run, line.attempt, line.tfjob)
    assert (output.finished, "0.9813", request_) == (
        line.time,
        line.accuracy,
        line.request,
    )


def test_a_model_that_is_being_finished_counts_from_its_start():
    output = published(evidence(), CommitState.FINISHING)

    line = lineage.publication_of(output, lineage.read_model(output))

    assert output.started == line.time


def test_a_requested_run_is_named_in_the_statement():
    asked = an_attempt() | {"request": "now"}

    statement = lineage.build_statement(evidence(attempt=asked))

    definition = statement["predicate"]["buildDefinition"]
    assert "now" == definition["internalParameters"]["request"]
