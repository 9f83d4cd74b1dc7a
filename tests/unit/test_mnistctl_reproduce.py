"""Making a model again: what a record allows, what is run, and what the verdict is."""

from dataclasses import replace

import pytest

from mnist_operator.cli.failures import NoAnswerError, UntrustedRecordError
from mnist_operator.cli.reproduce.recipes import (
    check_begun,
    check_input,
    metrics_file,
    read_recipe,
)
from mnist_operator.cli.reproduce.run import (
    REPRODUCTION_LABEL,
    build_job,
    describe,
    describe_end,
    find_endpoint,
    make_endpoint,
    read_run,
)
from mnist_operator.commits import File
from mnist_operator.runs import Outcome, Verdict, job_name, read_attempt
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL
from unit import mnistctl_records as records
from unit.mnistctl_reproductions import (
    NODE_ID,
    PARAMETERS,
    RUN_ID,
    opened,
    recipe,
)


class TestRecipe:
    def test_it_has_the_image_by_digest_and_the_parameters_that_were_used(self):
        found = recipe()

        assert (
            f"images.example.org/trainer@sha256:{records.IMAGE_SHA256}" == found.image
        )
        assert PARAMETERS == found.spec["trainer"]["parameters"]
        assert records.INPUT_COMMIT == found.input_commit
        assert "default/outputrepo_runs@team_mnist_reproduction" == str(
            found.run_branch
        )
        assert "/metrics.json" == metrics_file(found)

    def test_another_image_can_be_named(self):
        assert "mine:2" == read_recipe(opened(), image="mine:2").image

    def test_a_port_is_no_tag(self):
        one = records.evidence(parameters=PARAMETERS)
        spec = one.attempt["spec"]
        trainer = spec["trainer"] | {"image": "example.org:5000/trainer"}
        attempt = one.attempt | {"spec": spec | {"trainer": trainer}}

        found = read_recipe(opened(replace(one, attempt=attempt)))

        pinned = f"example.org:5000/trainer@sha256:{records.IMAGE_SHA256}"
        assert pinned == found.image

    @pytest.mark.parametrize(
        ("change", "missing"),
        [
            pytest.param({"manifest": {}}, "which seed was used", id="no-run-json"),
            pytest.param(
                {"facts": records.ended() | {"imageID": ""}},
                "which digest of image images.example.org/trainer:1 ran; name one that"
                " you trust with --image",
                id="no-digest",
            ),
            pytest.param(
                {"facts": records.ended() | {"imageID": f"sha256:{NODE_ID}"}},
                f"by sha256:{NODE_ID} alone, the ID of a node",
                id="an-image-that-was-never-pulled",
            ),
        ],
    )
    def test_what_the_record_does_not_say_is_named(self, change, missing):
        one = replace(records.evidence(parameters=PARAMETERS), **change)

        with pytest.raises(UntrustedRecordError) as error:
            read_recipe(opened(one))

        assert missing in str(error.value)
        assert str(error.value).startswith("default/outputrepo@")

    @pytest.mark.parametrize(
        ("content", "missing"),
        [
            pytest.param(None, "no spec", id="no-record"),
            pytest.param(b"[]", "no spec", id="another-json"),
        ],
    )
    def test_a_record_that_says_nothing_is_refused(self, content, missing):
        with pytest.raises(UntrustedRecordError, match=missing):
            read_recipe(replace(opened(), content=content))


class TestInputs:
    def test_data_that_is_there_as_it_was_is_fine(self):
        files = [File("/data/mnist.npz", 4, "")]

        check_input(recipe(), opened().statement, records.output_commit(), files)

    @pytest.mark.parametrize(
        ("commit", "files", "fault"),
        [
            pytest.param(None, [], "is gone: it was squashed or dropped", id="gone"),
            pytest.param(
                records.output_commit(error="no space"),
                [],
                r"is not a whole commit: Errored \(no space\)",
                id="errored",
            ),
            pytest.param(
                records.output_commit(), [], "has no /data/mnist.npz", id="no-file"
            ),
            pytest.param(
                records.output_commit(),
                [File("/data/mnist.npz", 5, "")],
                "has 5 bytes, and had 4",
                id="another-size",
            ),
        ],
    )
    def test_data_that_is_not_is_named(self, commit, files, fault):
        data = {"path": "/data/mnist.npz", "bytes": 4, "sha256": "0" * 64}
        statement = opened(input=[data]).statement

        with pytest.raises(UntrustedRecordError, match=fault) as error:
            check_input(recipe(), statement, commit, files)

        assert f"default/inputrepo@{records.INPUT_COMMIT}" in str(error.value)

    def test_the_model_that_it_began_from_must_be_there(self):
        begun = replace(recipe(), begins_from="c" * 32)

        with pytest.raises(UntrustedRecordError, match=f"model .*@{'c' * 32}, which"):
            check_begun(begun, None)
        check_begun(begun, records.output_commit())
        check_begun(recipe(), None)


class TestRun:
    def commit(self, description, **values):
        return records.output_commit(id=RUN_ID, description=description, **values)

    def test_its_description_is_read_back_and_is_no_attempt(self):
        begun = self.commit(describe(recipe(), "team"), finished=None)
        outcome = Outcome(Verdict.SUCCEEDED)
        facts = {"node": "node-1"}
        ended = self.commit(describe_end(recipe(), "team", outcome, facts))

        first, last = read_run(begun), read_run(ended)

        assert (recipe().identity, "team", False) == (
            first.identity,
            first.namespace,
            first.finished,
        )
        assert job_name("mnist", RUN_ID) == first.tfjob
        assert (True, True, facts) == (last.finished, last.succeeded, last.facts)
        assert read_attempt(begun) is None is read_attempt(ended)
        assert read_run(records.output_commit()) is None

    def test_its_tfjob_is_none_that_the_operator_would_find(self):
        run = read_run(self.commit(describe(recipe(), "team")))
        endpoint = make_endpoint("pachd:30600", "", ())

        body = build_job(recipe(), run, endpoint, {"labels": {"queue": "mnist"}})

        template = body["spec"]["tfReplicaSpecs"]["Worker"]["template"]
        for labels in (body["metadata"]["labels"], template["metadata"]["labels"]):
            assert TRAINING_LABEL not in labels
            assert RUN_ID == labels[RUN_LABEL]
            assert recipe().label == labels[REPRODUCTION_LABEL]
        assert "mnist" == body["metadata"]["labels"]["queue"]
        assert "ownerReferences" not in body["metadata"]
        [container] = template["spec"]["containers"]
        env = {each["name"]: each.get("value") for each in container["env"]}
        assert recipe().image == container["image"]
        assert f"{records.INPUT_COMMIT}.master.inputrepo" == env["INPUT_BUCKET"]
        assert (
            f"{RUN_ID}.team_mnist_reproduction.outputrepo_runs"
            == (env["OUTPUT_BUCKET"])
        )
        assert '{"epochs": 1, "seed": 42}' == env["TRAINER_PARAMETERS"]

    def test_it_begins_from_the_model_that_the_run_began_from(self):
        begun = replace(recipe(), begins_from="c" * 32)
        run = read_run(self.commit(describe(begun, "team")))

        body = build_job(begun, run, make_endpoint("pachd:30600", "", ()), {})

        [container] = body["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"][
            "containers"
        ]
        env = {each["name"]: each.get("value") for each in container["env"]}
        assert f"{'c' * 32}.master.outputrepo" == env["WARM_START_BUCKET"]

    def test_it_reaches_pachd_as_the_newest_tfjob_does(self):
        run = read_run(self.commit(describe(recipe(), "team")))
        jobs = []
        for number, address in enumerate(("http://old:1", "https://new:2")):
            job = build_job(recipe(), run, make_endpoint(address, "", ()), {})
            job["metadata"]["creationTimestamp"] = f"2026-01-0{number + 1}T00:00:00Z"
            jobs.append(job)

        assert "https://new:2" == find_endpoint(jobs[::-1])
        assert "" == find_endpoint([])

    def test_the_secret_decides_on_token_and_tls(self):
        plain = make_endpoint("pachd:30600", "", ())
        secured = make_endpoint("pachd:30600", "s", {"token", "ca.crt"})
        lesser = make_endpoint("http://pachd:1", "s", {"token", "trainer-token"})

        assert ("pachd:30600", False, "") == (plain.host, plain.https, plain.token_key)
        assert ("token", True, True) == (
            secured.token_key,
            secured.https,
            secured.has_ca,
        )
        assert ("trainer-token", False) == (lesser.token_key, lesser.https)

    @pytest.mark.parametrize("address", ["ftp://x", "user:secret@host:1", "http://"])
    def test_an_address_of_no_use_is_refused_without_its_password(self, address):
        with pytest.raises(NoAnswerError, match="--s3-endpoint") as error:
            make_endpoint(address, "", ())

        assert "secret" not in str(error.value)
