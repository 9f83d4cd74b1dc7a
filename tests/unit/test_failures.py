"""What each error of pachd means: every text that a real 2.11.6 answered with.

Input: gRPC code and details. Output: the class that says who must act.
"""

import grpc
import pytest

from mnist_operator import errors
from mnist_operator.pachyderm.failures import classify

Code = grpc.StatusCode
_COMMIT = "commit default/in@1c9cdee3608a43fd9b281012f7f55f7a"
_NIL = "panic: runtime error: invalid memory address or nil pointer dereference"

_denied = pytest.mark.parametrize(
    ("code", "details"),
    [
        pytest.param(
            Code.UNAUTHENTICATED,
            "no authentication token (try logging in)",
            id="no-token-given",
        ),
        pytest.param(
            Code.UNAUTHENTICATED,
            "provided auth token is corrupted or has expired (try logging in again)",
            id="token-unknown",
        ),
        pytest.param(
            Code.INTERNAL,
            "no authentication metadata (try logging in)",
            id="no-metadata-as-internal-error",
        ),
        pytest.param(
            Code.INTERNAL, "token expiration is in the past", id="token-expired"
        ),
        pytest.param(
            Code.UNKNOWN,
            "start commit: robot:mnist is not authorized to perform this operation - "
            "needs permissions [REPO_WRITE] on REPO default/outputrepo.",
            id="a-right-is-missing-as-unknown-error",
        ),
        pytest.param(Code.UNAUTHENTICATED, "", id="unauthenticated-without-a-text"),
        pytest.param(Code.PERMISSION_DENIED, "RBAC: access denied", id="proxy-denies"),
    ],
)

_not_found = pytest.mark.parametrize(
    ("code", "details"),
    [
        pytest.param(
            Code.NOT_FOUND, "repo default/nope not found", id="repo-is-missing"
        ),
        pytest.param(
            Code.NOT_FOUND,
            "inspect branch in transaction: branch (id=0, branch=default/in@master) "
            'not found\nbranch "master" not found in repo default/in',
            id="branch-is-missing",
        ),
        pytest.param(
            Code.NOT_FOUND,
            "get repo ID: repo (id=0, project=default, name=nope, type=user) not found",
            id="subscription-to-a-missing-repo",
        ),
        pytest.param(
            Code.NOT_FOUND,
            f"inspect commitHandle: {_COMMIT} not found",
            id="commit-was-dropped",
        ),
        pytest.param(
            Code.NOT_FOUND,
            "file /nope not found in repo default/in at commit 1c9cdee3608a43fd9b28",
            id="file-is-missing",
        ),
        pytest.param(
            Code.NOT_FOUND,
            "no commits found for commitset 1c9cdee3608a43fd9b281012f7f55f7a",
            id="commit-set-was-squashed",
        ),
        pytest.param(
            Code.UNKNOWN,
            "apply edits: edit #0: pick commit: picking commit: get commit by commit "
            "key: commit (int_id=0, commit_id=default/unf.user@0000) not found",
            id="metadata-of-a-missing-commit-as-unknown-error",
        ),
        pytest.param(
            Code.UNKNOWN,
            "add file set: path does not exist",
            id="file-set-unknown-as-unknown-error",
        ),
        pytest.param(
            Code.UNKNOWN,
            "the branch \"master\" has no head (create one with 'start commit')",
            id="branch-without-a-commit",
        ),
    ],
)

_conflict = pytest.mark.parametrize(
    ("code", "details"),
    [
        pytest.param(
            Code.ALREADY_EXISTS, "repo default/in already exists", id="repo-exists"
        ),
        pytest.param(
            Code.UNKNOWN,
            "cannot squash a commit that has no children as that would cause data "
            "loss, use the drop operation instead: default/in@1c9cdee3608a43fd9b28",
            id="squash-of-a-head",
        ),
        pytest.param(
            Code.UNKNOWN,
            'commit set "id:\\"4f\\"" cannot be dropped because it has subvenant '
            'commit sets: [id:"a854392d3748460a920fa876ed2b60dd"]',
            id="input-that-a-model-came-from",
        ),
        pytest.param(
            Code.UNKNOWN,
            'delete repo: delete branch default/nin@master: branch "default/nin@master"'
            " cannot be deleted because it's in the direct provenance of "
            "[default/nout2@master]",
            id="branch-with-downstream",
        ),
    ],
)

_unreachable = pytest.mark.parametrize(
    ("code", "details"),
    [
        pytest.param(
            Code.UNAVAILABLE,
            "failed to connect to all addresses; last error: UNKNOWN: "
            "ipv4:127.0.0.1:30650: Failed to connect to remote host: "
            "Connection refused",
            id="nobody-listens",
        ),
        pytest.param(
            Code.UNAVAILABLE, "Stream removed (Socket closed)", id="killed-under-a-call"
        ),
        pytest.param(
            Code.UNKNOWN, "Stream removed", id="killed-under-a-call-as-unknown-error"
        ),
        pytest.param(
            Code.DEADLINE_EXCEEDED,
            "Stream removed (Deadline Exceeded)",
            id="stream-too-late",
        ),
        pytest.param(Code.DEADLINE_EXCEEDED, "Deadline Exceeded", id="too-late"),
        pytest.param(Code.CANCELLED, "CANCELLED", id="server-hung-up"),
        pytest.param(
            Code.UNAVAILABLE,
            "upstream: cluster not found",
            id="a-proxy-s-text-does-not-count",
        ),
    ],
)

_other = pytest.mark.parametrize(
    ("code", "details"),
    [
        pytest.param(Code.ABORTED, _NIL, id="pachd-panics"),
        pytest.param(
            Code.UNKNOWN,
            "cannot use 'Reverse' while also using 'From' or 'To'",
            id="wrong-use-of-a-call",
        ),
        pytest.param(
            Code.UNKNOWN,
            "scanning repo row: ERROR: invalid input value for enum pfs.repo_type: "
            '"" (SQLSTATE 22P02)',
            id="repo-without-a-type",
        ),
        pytest.param(
            Code.RESOURCE_EXHAUSTED, "too many requests", id="server-without-time"
        ),
        pytest.param(Code.UNKNOWN, None, id="no-text-at-all"),
    ],
)


@_denied
def test_refused_credentials_are_told_apart(code, details):
    assert isinstance(classify("StartCommit", code, details), errors.DeniedError)


@_not_found
def test_what_is_missing_is_not_found(code, details):
    assert errors.NotFoundError is type(classify("InspectCommit", code, details))


@_conflict
def test_what_stands_in_the_way_is_a_conflict(code, details):
    assert errors.ConflictError is type(classify("DropCommitSet", code, details))


@_unreachable
def test_a_broken_or_late_call_is_unreachable(code, details):
    assert errors.UnreachableError is type(classify("InspectCommit", code, details))


@_other
def test_anything_else_is_tried_again(code, details):
    assert errors.UpstreamError is type(classify("ListCommit", code, details))


@pytest.mark.parametrize(
    "details",
    [
        pytest.param("Received message larger than max (2 vs. 1)", id="heard by us"),
        pytest.param(
            "grpc: received message larger than max (2 vs. 1)", id="heard by pachd"
        ),
        pytest.param(
            "trying to send message larger than max (2 vs. 1)", id="not said by pachd"
        ),
    ],
)
def test_a_message_beyond_a_limit_is_no_lack_of_time(details):
    found = classify("ListCommit", Code.RESOURCE_EXHAUSTED, details)

    assert errors.TooLargeError is type(found)


def test_an_open_head_is_told_with_the_command_that_closes_it():
    said = "start commit: parent commit lab/out@1c9c has not been finished"

    found = classify("StartCommit", Code.UNKNOWN, said)
    odd = classify("StartCommit", Code.UNKNOWN, "parent commit c has not been finished")

    words = (
        "commit lab/out@1c9c is still open, and no other can follow it; where nobody"
    )
    assert f"pachd: StartCommit: {words}" in str(found)
    assert "(pachctl finish commit out@1c9c --project lab), or drop it" in str(found)
    assert errors.HeadOpenError is type(found) is type(odd)
    assert "UNKNOWN: parent commit c has not been finished" == odd.detail


def test_a_finished_commit_is_a_conflict_of_its_own():
    found = classify("FinishCommit", Code.UNKNOWN, f"{_COMMIT} has already finished")

    assert errors.AlreadyFinishedError is type(found)
    assert isinstance(found, errors.ConflictError)


def test_an_unknown_call_is_unsupported():
    found = classify("EditMetadata", Code.UNIMPLEMENTED, "unknown service metadata.API")

    assert errors.UnsupportedError is type(found)


def test_a_name_that_cannot_be_is_the_users_to_change():
    details = (
        "name (in/put) invalid: only alphanumeric characters, underscores, and "
        "dashes are allowed"
    )

    found = classify("CreateRepo", Code.UNKNOWN, details)

    assert errors.InvalidSpecError is type(found)
    assert "in/put" in str(found)


def test_a_branch_with_provenance_is_the_users_to_change():
    details = "cannot start a commit on an output branch: default/outputrepo@master"

    found = classify("StartCommit", Code.UNKNOWN, details)

    assert errors.InvalidSpecError is type(found)
    assert "branch without provenance" in str(found)


def test_a_graph_that_cannot_be_is_the_users_to_change():
    details = (
        "validate DAG at end of transaction: multiple branches from the same repo,"
        ' "default/nout2", cannot participate in a DAG'
    )

    found = classify("CreateBranch", Code.UNKNOWN, details)

    assert errors.InvalidSpecError is type(found)
    assert "set spec.output.provenance to Metadata" in str(found)


def test_the_error_names_service_call_and_detail():
    found = classify("InspectRepo", Code.NOT_FOUND, "repo default/nope not found")

    assert "pachd: InspectRepo: NOT_FOUND: repo default/nope not found" == str(found)


def test_an_endless_text_is_cut():
    found = classify("ListCommit", Code.UNKNOWN, "x" * 100_000)

    assert len(str(found)) < 600
