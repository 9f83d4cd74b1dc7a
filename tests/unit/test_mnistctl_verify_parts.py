"""A model's files, data, image and branch before their witnesses."""

import json
from dataclasses import replace

import pytest

from mnist_operator import warm_start
from mnist_operator.cli.verify.contents import find_changed
from mnist_operator.cli.verify.verification import Absence, Data, DataFile, Result
from mnist_operator.commits import File
from mnist_operator.runs import digest
from unit import mnistctl_records as records
from unit.mnistctl_witnesses import (
    DATA,
    DATA_FILE,
    EVIDENCE,
    MANIFEST,
    a_run,
    check_of,
    failed,
    verified,
)

# --- files and data -------------------------------------------------------------------


def test_a_digest_that_was_read_counts_more_than_pachds_own():
    found = verified(hashes={"/my_model.h5": "6" * 64})

    assert ["files"] == failed(found)
    assert (
        f"my_model.h5 has sha256 {'6' * 64}, recorded is"
        in (check_of(found, "files").details[0])
    )


def test_without_a_run_nothing_vouches_for_bytes_that_nobody_read():
    found = verified(run=Absence.DENIED)

    assert Result.UNKNOWN is check_of(found, "files").result
    assert "ask with --deep" in check_of(found, "files").details[0]


def test_a_file_of_the_run_that_is_missing_is_told():
    files = [*a_run().files, File("/report/curve.png", 3, "44")]

    found = verified(run=a_run(files=files))

    assert "/report/curve.png of the run is not in the commit" in (
        check_of(found, "files").details
    )


@pytest.mark.parametrize(
    ("theirs", "changed"),
    [
        pytest.param("11", [], id="the-same"),
        pytest.param("12", ["/my_model.h5"], id="another-hash"),
    ],
)
def test_only_what_pachd_takes_for_something_else_is_read(theirs, changed):
    run = a_run(files=[File("/my_model.h5", 5, theirs)])
    files = [File("/my_model.h5", 5, "11"), File("/lineage.json", 9, "99")]

    assert changed == find_changed(files, run)


def test_without_a_hash_every_file_of_the_run_is_read():
    run = a_run(files=[File("/my_model.h5", 5, "")])

    assert ["/my_model.h5"] == find_changed([File("/my_model.h5", 5, "")], run)
    assert [] == find_changed([File("/my_model.h5", 5, "")], Absence.GONE)


def _data(files=None, **commit):
    values = {"id": records.INPUT_COMMIT, "repo": DATA} | commit
    one = records.output_commit(2, **values)
    return Data(one, {"/data/mnist.npz": DATA_FILE} if files is None else files)


@pytest.mark.parametrize(
    ("data", "result", "told"),
    [
        pytest.param(Absence.GONE, Result.FAILED, "squashed or dropped", id="gone"),
        pytest.param(Absence.DENIED, Result.UNKNOWN, "may not be read", id="denied"),
        pytest.param(Absence.UNASKED, Result.UNKNOWN, "cannot be asked", id="unasked"),
        pytest.param(_data(finished=None), Result.FAILED, "is open", id="open"),
        pytest.param(
            _data(error="given up"), Result.FAILED, "is errored, not", id="errored"
        ),
        pytest.param(_data({}), Result.FAILED, "mnist.npz is not in", id="no-file"),
        pytest.param(
            _data({"/data/mnist.npz": DataFile(5)}),
            Result.FAILED,
            "/data/mnist.npz has 5 bytes, recorded are 4",
            id="another-size",
        ),
        pytest.param(
            _data({"/data/mnist.npz": DataFile(4, "6" * 64)}),
            Result.FAILED,
            f"/data/mnist.npz has sha256 {'6' * 64}, recorded is",
            id="another-digest",
        ),
    ],
)
def test_the_data_must_be_there_as_it_was_read(data, result, told):
    check = check_of(verified(data=data), "input")

    assert result is check.result
    assert told in "\n".join(check.details)


def test_a_trainer_that_did_not_say_what_it_read_leaves_that_open():
    one = records.evidence(input=[])
    run = a_run(manifest=json.loads(MANIFEST) | {"input": []})

    check = check_of(verified(one=one, run=run), "input")

    assert Result.UNKNOWN is check.result
    assert "did not say which files it read" in check.details[0]


BEGUN = "7" * 32


def _begun(beginning):
    """A model that began from another one."""
    asked = records.asked()
    asked["spec"]["trainer"]["warmStart"] = True
    asked["specSha256"] = digest(asked["spec"])
    asked["warmStart"] = warm_start.offer(asked["spec"]["output"], BEGUN)
    taken = {
        "bucket": f"{BEGUN}.master.outputrepo",
        "path": "/my_model.h5",
        "sha256": "1" * 64,
    }
    one = replace(records.evidence(warmStart=taken), attempt=asked)
    return verified(one=one, beginning=beginning)


def _earlier(sha256=None, path="/my_model.h5"):
    commit = records.output_commit(id=BEGUN)
    return Data(commit, {path: DataFile(5, sha256)})


@pytest.mark.parametrize(
    ("beginning", "result", "told"),
    [
        pytest.param(_earlier(), Result.OK, "there; --deep reads it", id="there"),
        pytest.param(_earlier("1" * 64), Result.OK, "read, it has its", id="read"),
        pytest.param(_earlier("6" * 64), Result.FAILED, "6666", id="other-bytes"),
        pytest.param(_earlier(path="/x"), Result.FAILED, "is not in", id="no-file"),
        pytest.param(Absence.GONE, Result.FAILED, "is not there", id="gone"),
        pytest.param(Absence.DENIED, Result.UNKNOWN, "may not be read", id="denied"),
    ],
)
def test_the_model_that_a_run_began_from_must_be_there(beginning, result, told):
    found = _begun(beginning)

    assert result is check_of(found, "beginning").result
    assert told in check_of(found, "beginning").details[0]
    gone = "the model that it began from was squashed or dropped"
    assert (beginning is Absence.GONE) == (gone in found.obstacles)


def test_deep_says_that_everything_was_read():
    files = {
        "/my_model.h5": records.sha256(b"model"),
        "/run.json": records.sha256(b"{}"),
    }
    data = _data({"/data/mnist.npz": DataFile(4, records.sha256(b"data"))})

    found = verified(hashes=files, data=data, deep=True)

    assert ("2 files: read, each has its digest",) == check_of(found, "files").details
    assert "1 file: read, each has its digest" in check_of(found, "input").details[0]


# --- what pachd says, the image, the branch -------------------------------------------


@pytest.mark.parametrize(
    ("provenance", "result"),
    [
        pytest.param(((DATA, records.INPUT_COMMIT),), Result.OK, id="the-same"),
        pytest.param(((DATA, "6" * 32),), Result.FAILED, id="another-commit"),
        pytest.param(
            ((DATA, records.INPUT_COMMIT), (DATA, "6" * 32)), Result.FAILED, id="two"
        ),
    ],
)
def test_pachds_own_provenance_must_be_the_recorded_one(provenance, result):
    found = verified(change={"provenance": provenance})

    assert result is check_of(found, "provenance").result
    assert () == found.notes


def test_where_pachd_has_none_that_is_a_note():
    [note] = verified().notes

    assert "spec.output.provenance: Metadata" in note


@pytest.mark.parametrize(
    ("facts", "result", "told"),
    [
        pytest.param(
            {"imageID": ""}, Result.FAILED, "had unknown", id="nobody-reported-it"
        ),
        pytest.param(
            {"imageID": "x@sha256:" + "6" * 64}, Result.FAILED, "6" * 64, id="another"
        ),
        pytest.param(
            {"otherImages": "x@sha256:" + "6" * 64},
            Result.FAILED,
            f"had {records.IMAGE_SHA256}, {'6' * 64}",
            id="two-of-them",
        ),
    ],
)
def test_the_image_must_be_the_one_that_the_pods_had(facts, result, told):
    check = check_of(verified(run=a_run(facts=records.ended() | facts)), "image")

    assert result is check.result
    assert told in check.details[0]


def test_an_image_whose_digest_nobody_knows_is_no_fault_and_cannot_be_had_again():
    facts = {key: said for key, said in records.ended().items() if key != "imageID"}
    one = replace(EVIDENCE, facts=facts)

    found = verified(one=one, run=a_run(facts=facts))

    assert Result.UNKNOWN is check_of(found, "image").result
    assert any("the digest of its image is unknown" in o for o in found.obstacles)


OPEN = records.output_commit(5, finished=None, description="somebody's")
FOREIGN = records.output_commit(5, description="somebody's")


@pytest.mark.parametrize(
    ("found", "result"),
    [
        pytest.param({"branch": "a/b@c"}, Result.OK, id="the-head"),
        pytest.param({"branch": "a/b@c", "passed": [OPEN]}, Result.OK, id="open-head"),
        pytest.param(
            {"branch": "a/b@c", "passed": [FOREIGN]}, Result.FAILED, id="a-strangers"
        ),
    ],
)
def test_who_reads_the_branch_must_get_this_model(found, result):
    assert result is check_of(verified(found=found), "branch").result
