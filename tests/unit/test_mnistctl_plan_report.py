"""A plan as people, programs and kubectl get it, and who asks pachd for it."""

import json
from types import SimpleNamespace
from typing import ClassVar

import pytest
import yaml

from mnist_operator.access import Door
from mnist_operator.cli.plan.doors import UserAccess
from mnist_operator.cli.plan.jobs import make_tfjobs
from mnist_operator.cli.plan.report import (
    make_report,
    manifest_lines,
    plan_lines,
)
from mnist_operator.cli.plan.settings import Own
from mnist_operator.pachyderm import Connection
from mnist_operator.settings import Settings
from mnist_operator.tfjob import Endpoint
from unit.builders import (
    NOW,
    attempt,
    commit,
    entry,
    ident,
    job,
    ledger,
    training,
)
from unit.mnistctl_plans import LATEST_ONLY, follow, three, waits

ENDPOINT = Endpoint("s3:1600")


class TestReport:
    def report(self, seen, **options):
        course = follow(seen)
        jobs = make_tfjobs(course, ENDPOINT)
        return make_report(course, jobs, [], now=NOW, limit=20, **options)

    def test_the_tfjobs_are_those_of_the_operator(self):
        report = self.report(waits(commit(1), commit(2)))

        names = [each["tfjob"]["metadata"]["name"] for each in report["tfjobs"]]
        assert ["mnist-000000000001", "mnist-000000000004"] == names
        staging = {"staging": "000000000001" + "0" * 20}
        assert staging == report["tfjobs"][0]["placeholders"]

    def test_of_an_attempt_that_is_open_the_name_is_known(self):
        report = self.report(waits(commit(1), attempt=attempt()))

        [planned] = report["tfjobs"]
        assert {} == planned["placeholders"]
        assert job(attempt()).name == planned["tfjob"]["metadata"]["name"]

    def test_a_model_that_does_not_exist_yet_is_named_as_such(self):
        of = training(trainer={"warmStart": True})
        report = self.report(waits(commit(1), commit(2), training=of))

        first, second = report["tfjobs"]
        assert "model" not in first["placeholders"]
        assert second["placeholders"]["model"] in json.dumps(second["tfjob"])

    def test_kubectl_gets_one_document_for_each_tfjob(self):
        report = self.report(waits(commit(1), commit(2)))
        text = "\n".join(manifest_lines(report))

        bodies = [each["tfjob"] for each in report["tfjobs"]]
        assert bodies == list(yaml.safe_load_all(text))
        assert f"# team/mnist: input commit {ident(1)}, attempt 1, now.\n" in text
        assert " stands for the ID of the staging commit that is opened" in text

    def test_without_a_tfjob_kubectl_gets_nothing_and_a_reader_the_reason(self):
        report = self.report(waits(commit(1), training=training(suspend=True)))
        text = "\n".join(manifest_lines(report))

        assert [] == [each for each in yaml.safe_load_all(text) if each]
        assert "spec.suspend is true" in text

    def test_people_read_a_line_and_a_reason(self):
        lines = [
            each.plain
            for each in plan_lines(
                self.report(waits(*three(), training=training(**LATEST_ONLY)))
            )
        ]

        assert ["COMMIT", "DECISION", "WHEN"] == lines[0].split()
        assert [ident(1), "Skip", "now"] == lines[1].split()
        assert f"  Superseded: Input commit {ident(3)} took its place." == lines[2]
        assert lines[-1].startswith(f"TFJob for {ident(3)}: mnist-0000")

    def test_of_a_queue_that_is_too_long_the_end_is_not_known(self):
        of = training(trigger={"mode": "LatestOnly", "minCommits": 9})
        course = follow(waits(*three(), training=of), limit=0)
        report = make_report(course, [], [], now=NOW, limit=2)

        assert report["afterwards"] is None
        assert (2, 1) == (len(report["commits"]), report["more"])
        assert "1 more: ask with --limit" in [e.plain for e in plan_lines(report)]
        assert ["# team/mnist: no TFJob. ask with --limit"] == [*manifest_lines(report)]

    def test_when_nothing_waits_it_says_what_the_operator_says(self):
        [line] = plan_lines(self.report(waits(ledger=ledger(entry(1)))))

        assert f"Nothing to do. Every commit is decided, the last one: {ident(1)}." == (
            line.plain
        )


class TestWhoAsks:
    """The user's own token is sent to an address that the user named, and no other."""

    OWN = Connection("mine:1", "my token")
    THEIRS = Connection("theirs:1", "token of the Secret")
    PLACE: ClassVar = {
        "pachyderm": {"address": "theirs:1", "secretRef": {"name": "pachyderm"}}
    }

    def connection(self, own, spec):
        access = UserAccess(SimpleNamespace(kube=None), Settings.model_construct(), own)
        door = Door(SimpleNamespace(connection=self.THEIRS), ENDPOINT)
        return access._connection(training(**spec), door)

    def test_an_address_of_the_training_gets_the_token_of_its_secret(self):
        assert self.THEIRS == self.connection(Own(self.OWN, named=False), self.PLACE)

    def test_an_address_that_was_named_gets_the_users_token(self):
        assert self.OWN == self.connection(Own(self.OWN, named=True), self.PLACE)

    def test_without_an_address_the_users_default_is_asked(self):
        assert self.OWN == self.connection(Own(self.OWN, named=False), {})

    def test_without_a_token_of_ones_own_the_secret_opens_the_door(self):
        own = Own(Connection("mine:1"), named=True)

        found = self.connection(own, self.PLACE)

        assert ("mine:1", "token of the Secret") == (found.address, found.token)

    @pytest.mark.parametrize(
        ("named", "spec", "way"),
        [
            (False, PLACE, ("theirs:1", True)),
            (True, PLACE, ("mine:1", True)),
            (False, {}, ("mine:1", True)),
        ],
    )
    def test_a_failure_names_the_address_that_was_asked(self, named, spec, way):
        assert way == Own(self.OWN, named=named).way_to(training(**spec))
