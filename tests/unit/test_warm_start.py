"""A run that begins from a model: which one, who is told, and what the record says.

Which one is decided when an attempt is opened. Reading the newest model from the
output branch is in tests/integration/following/test_warm_start.
"""

from dataclasses import replace

import pytest

from mnist_operator import lanes, lineage, runs
from mnist_operator.commits import CommitState
from mnist_operator.evidence import find_fault
from mnist_operator.job_request import Endpoint, JobRequest
from mnist_operator.openings import answer_request, retrain, start_next
from mnist_operator.outcomes import retry
from mnist_operator.plan import Request, Task
from mnist_operator.pods import build_template
from mnist_operator.runs import Verdict
from unit.builders import (
    IMAGE,
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    opening,
    source,
    spec_digest,
    training,
)
from unit.evidence import MANIFEST, an_attempt, dependencies, evidence

_MODEL, _OLDER = ident(0xF002), ident(0xF001)
_WARM = {"trainer": {"warmStart": True}}
_OF = training(**_WARM)
_THREE = training(concurrencyPolicy="Allow", maxParallel=3, **_WARM)
_DIGEST = spec_digest(**_WARM)
_BEGUN = {"bucket": f"{_MODEL}.master.outputrepo", "path": "/my_model.h5"}
_SHA256 = "ab" * 32


def first(number=1, **fields):
    """An attempt with this spec, as it was opened when an older model was there."""
    return attempt(number, **({"digest": _DIGEST, "begins_from": _OLDER} | fields))


def failed(of):
    return closed(of, Verdict.FAILED, reason="PodLost", retryable=True, at=ago(3600))


def look(**fields):
    return observed(**({"training": _OF, "newest_model": _MODEL} | fields))


class TestTheBeginning:
    """It is the newest model when the first attempt is opened, whatever asks for it."""

    def test_is_the_newest_model_for_a_commit_in_its_turn(self):
        plan = start_next(look(), NOW)

        assert (opening(commit(), begins_from=_MODEL),) == plan.actions

    def test_is_the_same_for_a_run_beside_one_that_is_under_way(self):
        """It waits for nobody: what is under way may fail."""
        at_hand = source(commit(1), commit(2))
        plan = start_next(
            look(training=_THREE, source=at_hand, attempts=(first(),)), NOW
        )

        assert (opening(commit(2), slot=1, begins_from=_MODEL),) == plan.actions

    def test_is_the_newest_model_for_a_request_of_old_data(self):
        asked = Request("now", ident(1), commit(1))
        plan = answer_request(look(request=asked), NOW)

        assert (opening(commit(1), request="now", begins_from=_MODEL),) == plan.actions

    def test_is_the_newest_model_for_a_retraining(self):
        of = training(onSpecChange="RetrainLatest", **_WARM)
        at_rest = {"source": source(head=commit(1)), "latest": commit(1)}
        plan = retrain(look(training=of, ledger=ledger(entry(1)), **at_rest), NOW)

        assert [_MODEL] == [each.begins_from for each in plan.actions]

    def test_is_chosen_too_while_the_data_is_still_being_written(self):
        open_one = commit(2, state=CommitState.OPEN, started=ago(60))
        plan = start_next(look(source=source(open_one)), NOW)

        assert (opening(open_one, begins_from=_MODEL),) == plan.actions

    def test_stays_the_same_for_another_attempt(self):
        plan = retry(look(attempt=failed(first())), NOW)

        assert (opening(commit(), 2, begins_from=_OLDER),) == plan.actions

    def test_stays_none_for_another_attempt_though_there_is_a_model_now(self):
        plan = retry(look(attempt=failed(first(begins_from=""))), NOW)

        assert (opening(commit(), 2),) == plan.actions

    def test_stays_the_same_after_a_second_attempt_that_was_given_up(self):
        given_up = closed(first(2), Verdict.ABANDONED)

        assert _OLDER == lanes.beginning(look(attempt=given_up), Task(commit()))

    def test_is_chosen_anew_after_a_first_attempt_that_was_given_up(self):
        given_up = closed(first(), Verdict.ABANDONED)

        assert _MODEL == lanes.beginning(look(attempt=given_up), Task(commit()))

    def test_is_chosen_anew_with_another_spec(self):
        other = first(digest=spec_digest(), begins_from="")
        plan = retry(look(attempt=failed(other)), NOW)

        assert (opening(commit(), 2, begins_from=_MODEL),) == plan.actions

    def test_is_none_while_nothing_was_published(self):
        plan = start_next(look(newest_model=""), NOW)

        assert (opening(commit()),) == plan.actions

    def test_is_none_without_a_warm_start(self):
        before = failed(first(digest=spec_digest()))

        assert (opening(commit()),) == start_next(
            look(training=training()), NOW
        ).actions
        plan = retry(look(training=training(), attempt=before), NOW)
        assert (opening(commit(), 2),) == plan.actions


class TestThePromise:
    """It is in the attempt's description, so whoever goes on gives the same TFJob."""

    def test_is_read_back_from_the_description(self):
        of = first(opened=ago(300))
        text = runs.describe_attempt(of)
        found = runs.read_attempt(
            commit(of.staging, state=CommitState.OPEN, description=text)
        )

        assert _OLDER == found.begins_from
        assert "warmStart" not in runs.describe_attempt(replace(of, begins_from=""))

    def test_is_in_what_is_asked_of_a_run(self):
        spec = runs.run_spec(_OF, default_image=IMAGE)

        assert {
            "project": "default",
            "repo": "outputrepo",
            "branch": "master",
            "commit": _OLDER,
            "path": "my_model.h5",
        } == runs.build_request(first(), spec)["warmStart"]
        assert "warmStart" not in runs.build_request(first(begins_from=""), spec)

    @pytest.mark.parametrize(
        ("project", "bucket"),
        [
            ("default", f"{_MODEL}.best.models"),
            ("vision", f"{_MODEL}.best.models.vision"),
        ],
    )
    def test_reaches_the_pod_as_bucket_and_file(self, project, bucket):
        place = {"repo": "models", "branch": "best", "path": "a/b.h5"}
        of = training(output={"project": project, **place}, **_WARM)

        assert {"WARM_START_BUCKET": bucket, "WARM_START_FILE": "a/b.h5"} == warm(
            of, begins_from=_MODEL
        )

    def test_says_nothing_where_there_is_no_model(self):
        assert {} == warm(_OF)


def warm(of, **fields):
    """What the pod of a run is told about a model to begin from."""
    request = JobRequest(
        name="mnist-a",
        namespace=of.namespace,
        training=of.name,
        uid=of.uid,
        commit=ident(1),
        staging=attempt().staging,
        slot="team_mnist_0",
        attempt=1,
        spec=runs.run_spec(of, default_image=IMAGE),
        run_repo=of.spec.run_repo,
        endpoint=Endpoint("pachd:30600"),
        **fields,
    )
    [container] = build_template(request, {})["spec"]["containers"]
    return {
        each["name"]: each["value"]
        for each in container["env"]
        if each["name"].startswith("WARM_START")
    }


def begun(offered=_MODEL, **said):
    """The evidence of a run that was offered a model, and says what it did."""
    asked = an_attempt(**_WARM)
    if offered:
        of = attempt(begins_from=offered)
        asked["warmStart"] = runs.build_request(of, asked["spec"])["warmStart"]
    manifest = {**MANIFEST, "warmStart": said} if said else MANIFEST
    return evidence(attempt=asked, manifest=manifest)


_TAKEN = begun(**_BEGUN, sha256=_SHA256, bytes=1000)


class TestTheRecord:
    def test_names_the_model_that_the_run_began_from(self):
        found = dependencies(_TAKEN)

        assert ["input", "warmStart", "image", "source"] == list(found)
        assert {
            "name": "warmStart",
            "uri": f"pachyderm://default/outputrepo@{_MODEL}",
            "digest": {"sha256": _SHA256},
            "annotations": {
                "commit": _MODEL,
                "repo": "default/outputrepo",
                "branch": "master",
                "path": "/my_model.h5",
            },
        } == found["warmStart"]

    @pytest.mark.parametrize(
        ("of", "expected"),
        [
            pytest.param(_TAKEN, {"offered": _MODEL, "from": _MODEL}, id="taken"),
            pytest.param(begun(), {"offered": _MODEL, "from": ""}, id="not-taken"),
            pytest.param(begun(""), {"offered": "", "from": ""}, id="none-was-there"),
            pytest.param(evidence(), None, id="not-asked-for"),
        ],
    )
    def test_says_where_a_run_began_if_it_was_to_begin_from_a_model(self, of, expected):
        definition = lineage.build_statement(of)["predicate"]["buildDefinition"]

        assert expected == definition["internalParameters"].get("warmStart")
        taken = bool(expected and expected["from"])
        assert taken is ("warmStart" in dependencies(of))
        assert taken is ("warmStart" in lineage.describe_model(of))
        entries = lineage.metadata_entries(of, statement_sha256="")
        assert taken is ("warmStart.commit" in entries)

    @pytest.mark.parametrize(
        "of",
        [
            _TAKEN,
            begun(),
            begun(""),
            begun(**_BEGUN | {"path": "my_model.h5"}, sha256=""),
        ],
    )
    def test_is_made_of_a_run_that_did_as_it_was_told_or_began_anew(self, of):
        assert "" == find_fault(of)

    @pytest.mark.parametrize(
        ("of", "fault"),
        [
            pytest.param(
                begun(bucket="master.outputrepo", path="my_model.h5", sha256=""),
                "it began from master.outputrepo/my_model.h5, and was given"
                f" {_MODEL}.master.outputrepo/my_model.h5",
                id="another-bucket",
            ),
            pytest.param(
                begun(**_BEGUN | {"path": "best.h5"}, sha256=""),
                f"it began from {_MODEL}.master.outputrepo/best.h5",
                id="another-file",
            ),
            pytest.param(
                begun("", **_BEGUN, sha256=""),
                "and was given no model",
                id="none-given",
            ),
            pytest.param(
                begun(bucket="a"),
                "warmStart must be an object with bucket, path, sha256",
                id="half-an-answer",
            ),
        ],
    )
    def test_is_not_made_of_a_run_that_began_elsewhere(self, of, fault):
        told = find_fault(of)

        assert told.startswith("/run.json does not agree with what was asked: ")
        assert fault in told

    def test_is_not_made_of_a_list_either(self):
        odd = evidence(manifest={**MANIFEST, "warmStart": ["a"]})
        assert "warmStart must be an object" in find_fault(odd)
