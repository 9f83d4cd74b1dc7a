"""What each error of pachd means that its source has, and the recording has not.

Input: gRPC code and details. Output: the class that says who must act.
"""

import grpc
import pytest

from mnist_operator import errors
from mnist_operator.pachyderm.failures import classify

Code = grpc.StatusCode
_ID = "1c9cdee3608a43fd9b281012f7f55f7a"


@pytest.mark.parametrize(
    ("code", "details", "kind"),
    [
        pytest.param(
            Code.NOT_FOUND,
            f"commit/{_ID} does not contain item: (/nope)",
            errors.NotFoundError,
            id="nothing-to-walk-at-a-path",
        ),
        pytest.param(
            Code.UNKNOWN,
            "no role binding exists for REPO default/in",
            errors.NotFoundError,
            id="a-repo-is-missing-where-auth-is-on",
        ),
        pytest.param(
            Code.UNKNOWN,
            "no role binding exists for PROJECT vision",
            errors.NotFoundError,
            id="a-project-is-missing-where-auth-is-on",
        ),
        pytest.param(
            Code.UNKNOWN,
            "inspect commitHandle: inspect finishing or finished commit: commit"
            f" default/in@{_ID} was deleted",
            errors.NotFoundError,
            id="dropped-while-it-was-waited-for",
        ),
        pytest.param(
            Code.UNKNOWN,
            f"cannot drop a commit that has children: default/in@{_ID}",
            errors.ConflictError,
            id="another-commit-stands-on-it",
        ),
        pytest.param(
            Code.UNKNOWN,
            f"base commit default/in@{_ID} for commit default/in@{_ID} unfinished",
            errors.UnfinishedBaseError,
            id="what-it-stands-on-is-not-finished-yet",
        ),
    ],
)
def test_an_error_says_who_must_act(code, details, kind):
    error = classify("ModifyFile", code, details)

    assert kind is type(error)
    assert details in error.detail
