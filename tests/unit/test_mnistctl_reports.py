"""The answer about one model, for programs and for people."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from mnist_operator.cli import screen
from mnist_operator.cli.lineage.folder_reports import build_folder_report
from mnist_operator.cli.lineage.reports import build_report
from mnist_operator.cli.lineage.screen_lines import lineage_lines
from mnist_operator.commits import Repo
from unit import mnistctl_records as records

DAY = datetime(2026, 3, 31, tzinfo=UTC)


def report(evidence=None, *, asked="outputrepo@master", at=None, **found):
    commit, content, files = records.record(evidence)
    return build_report(asked, records.found(commit, **found), content, files, at=at)


def text(lines):
    return "\n".join(line.plain for line in lines)


class TestReport:
    def test_it_names_all_that_made_the_model(self):
        found = report(records.evidence(previous="e" * 32))

        assert records.INPUT_COMMIT == found["input"]["commit"]
        assert [
            {"path": "data/mnist.npz", "size": 4, "sha256": records.sha256(b"data")}
        ] == found["input"]["files"]
        assert {
            "image": records.IMAGE,
            "imageSha256": records.IMAGE_SHA256,
            "sourceUrl": "git+https://example.org/mnist",
            "gitCommit": records.REVISION,
            "packagesSha256": None,
            "operator": "0.1.0",
        } == found["code"]
        assert ({}, 128) == (
            found["parameters"]["asked"],
            found["parameters"]["effective"]["batchSize"],
        )
        assert "e" * 32 == found["model"]["previous"]
        assert {"accuracy": 0.9933, "loss": 0.0213} == found["metrics"]
        assert "default/outputrepo_runs" == found["run"]["repo"]
        assert "team/mnist-233f354619c8" == found["run"]["tfjob"]
        assert found["record"]["agrees"]
        assert found["record"]["lineageSha256"] == found["record"]["describedSha256"]

    def test_the_model_files_carry_their_digests(self):
        assert [
            ("/my_model.h5", records.sha256(b"model")),
            ("/run.json", records.sha256(b"{}")),
            ("/lineage.json", None),
        ] == [(each["path"], each["sha256"]) for each in report()["model"]["files"]]

    @pytest.mark.parametrize("name", ["bytes", "size"])
    def test_the_size_of_the_data_is_told_by_either_name(self, name):
        """Our trainer calls it bytes; size is what others may have written."""
        listed = {"path": "/a.npz", name: 11490434, "sha256": "d" * 64}

        found = report(records.evidence(input=[listed]))

        assert [11490434] == [each["size"] for each in found["input"]["files"]]

    def test_a_trainer_without_a_manifest_leaves_nulls(self):
        bare = replace(records.evidence(), manifest={})

        found = report(bare)

        assert [] == found["input"]["files"]
        assert (None, None) == (found["code"]["gitCommit"], found["accuracy"])
        assert found["record"]["agrees"]

    def test_without_lineage_json_the_description_says_what_it_can(self):
        commit, _, files = records.record()

        found = build_report("x", records.found(commit), None, files[:-1])

        assert records.INPUT_COMMIT == found["input"]["commit"]
        assert records.IMAGE_SHA256 == found["code"]["imageSha256"]
        assert ["/lineage.json is not in the commit"] == (
            found["record"]["disagreements"]
        )
        assert "THE COPIES DISAGREE" in text(lineage_lines(found))

    def test_pachds_own_provenance_is_compared_with_the_description(self):
        here = (Repo("default", "inputrepo"), records.INPUT_COMMIT)
        other = (here[0], "6" * 32)
        commit, content, files = records.record()
        asked = [replace(commit, provenance=(each,)) for each in (here, other)]

        same, forged = (
            build_report("x", records.found(each), content, files) for each in asked
        )

        assert (True, [f"default/inputrepo@{records.INPUT_COMMIT}"]) == (
            same["record"]["agrees"],
            same["record"]["provenance"],
        )
        assert (
            f"pachd: default/inputrepo@{'6' * 32}"
            in (forged["record"]["disagreements"][0])
        )

    def test_a_folder_tells_the_same_but_for_its_commit(self):
        commit, content, files = records.record()

        found = build_report("x", records.found(commit), content, files)
        alone = build_folder_report("./model", content, files)

        assert set(found) == set(alone)
        for key in ("training", "input", "code", "parameters", "metrics", "run"):
            assert found[key] == alone[key]
        assert (None, "default/outputrepo") == (
            alone["model"]["commit"],
            alone["model"]["repo"],
        )
        assert alone["notes"]

    def test_a_folder_with_nonsense_for_a_record_says_nothing(self):
        found = build_folder_report("./model", b"[]", [])

        assert (None, None) == (found["input"]["commit"], found["run"]["tfjob"])
        assert "Model ./model" == lineage_lines(found)[0].plain

    def test_versions_and_device_are_shown(self):
        environment = {"tensorflow": "2.16.2", "cuda": None, "device": "CPU"}
        lines = text(lineage_lines(report(records.evidence(environment=environment))))

        assert "  versions    tensorflow 2.16.2\n" in lines
        assert "  device      CPU\n" in lines

    def test_it_says_what_was_asked_and_passed(self):
        stranger = records.output_commit(9, finished=None)

        found = report(at=DAY, branch="outputrepo@master", passed=[stranger])

        assert {
            "reference": "outputrepo@master",
            "at": "2026-03-31T00:00:00Z",
            "branch": "outputrepo@master",
        } == found["asked"]
        assert f"{stranger.id} (open)" in found["notes"][0]

    def test_every_key_is_documented(self):
        root = Path(__file__).resolve().parents[2]
        told = (root / "docs" / "mnistctl" / "lineage.md").read_text()

        assert set() == {key for key in report() if f"| `{key}`" not in told}

    @pytest.mark.parametrize("kind", ["json", "yaml"])
    def test_programs_get_the_same_object_in_both_languages(self, kind):
        found = report()
        read = {"json": json.loads, "yaml": yaml.safe_load}[kind]

        assert found == read(screen.serialize(found, kind))


class TestLineageScreen:
    def test_the_answer_stands_first_and_can_be_copied(self):
        lines = text(lineage_lines(report())).splitlines()

        assert f"Model {'0001' * 8} of team/mnist" == lines[0]
        wanted = {
            f"  input       default/inputrepo@master={records.INPUT_COMMIT}",
            f"  data        data/mnist.npz (4 bytes), sha256:{records.sha256(b'data')}",
            f"  digest      sha256:{records.IMAGE_SHA256}",
            f"  git         {records.REVISION}",
            "  accuracy    0.9933",
            "  previous    none: the first one",
            "  parameters  batchSize=128, epochs=1, learningRate=0.02",
            "  verdict     lineage.json, description and metadata map agree",
        }
        assert set() == wanted - set(lines)

    def test_nothing_that_others_wrote_moves_the_cursor(self):
        hostile = records.evidence(environment={"sourceRevision": "a\x1b[2Jb\nc"})

        shown = lineage_lines(report(hostile))

        assert all(line.plain.isprintable() for line in shown)
