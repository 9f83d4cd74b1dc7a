"""What the conditions say after a failed look: the reason, and who must act."""

import grpc
import pytest

from mnist_operator import errors
from mnist_operator.pachyderm.failures import classify
from mnist_operator.status import Reason
from mnist_operator.troubles import tell


def pachd(kind, detail="no answer"):
    return kind("pachd", "InspectBranch", detail)


def kubernetes(kind):
    return kind("kubernetes", "create TFJob", "no answer")


_user_acts = pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(
            errors.InvalidSpecError("spec.suspend: must be a boolean"),
            Reason.INVALID_SPEC,
            id="a-field-that-cannot-work",
        ),
        pytest.param(
            pachd(errors.DeniedError),
            Reason.ACCESS_DENIED,
            id="a-refused-token",
        ),
        pytest.param(
            pachd(errors.UntrustedError),
            Reason.CERTIFICATE_REFUSED,
            id="a-certificate-that-is-not-trusted",
        ),
        pytest.param(
            errors.SigningKeyError("KEY_FILE: /key.pem cannot be read"),
            Reason.SIGNING_KEY_UNUSABLE,
            id="a-key-that-cannot-sign",
        ),
    ],
)

_time_helps = pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(
            pachd(errors.UnreachableError),
            Reason.SOURCE_UNREACHABLE,
            id="pachd-away",
        ),
        pytest.param(
            pachd(errors.NotFoundError), Reason.SOURCE_UNREACHABLE, id="gone-meanwhile"
        ),
        pytest.param(
            pachd(errors.UnsupportedError), Reason.SOURCE_UNREACHABLE, id="pachd-is-old"
        ),
        pytest.param(
            pachd(errors.ConflictError), Reason.SOURCE_UNREACHABLE, id="a-lost-race"
        ),
        pytest.param(
            pachd(errors.HeadOpenError), Reason.OUTPUT_BUSY, id="somebody-else-writes"
        ),
        pytest.param(
            kubernetes(errors.UnreachableError),
            Reason.KUBERNETES_UNAVAILABLE,
            id="the-api-server-is-away",
        ),
        pytest.param(
            kubernetes(errors.DeniedError),
            Reason.KUBERNETES_UNAVAILABLE,
            id="the-api-server-refuses",
        ),
        pytest.param(
            kubernetes(errors.NotFoundError),
            Reason.KUBERNETES_UNAVAILABLE,
            id="no-tfjobs-there",
        ),
        pytest.param(
            kubernetes(errors.RefusedError),
            Reason.KUBERNETES_UNAVAILABLE,
            id="the-api-server-takes-no-such-thing",
        ),
        pytest.param(
            errors.OperatorError("odd"), Reason.INTERNAL_ERROR, id="an-error-of-no-kind"
        ),
        pytest.param(KeyError("k"), Reason.INTERNAL_ERROR, id="a-fault-of-our-own"),
    ],
)


@_user_acts
def test_what_somebody_must_change_is_stalled(error, reason):
    story = tell(error)

    assert (reason, "False") == (story.reason, story.ready)
    assert story.stalled
    assert not story.reconciling
    assert str(error) in story.message


@_time_helps
def test_what_time_can_mend_is_tried_again(error, reason):
    story = tell(error)

    assert (reason, "False") == (story.reason, story.ready)
    assert story.reconciling
    assert not story.stalled


def test_an_error_of_a_service_says_which_which_call_and_what():
    assert (
        "pachd: InspectBranch: no answer" == tell(pachd(errors.UpstreamError)).message
    )


@pytest.mark.parametrize(
    ("kind", "key"), [(errors.DeniedError, "token"), (errors.UntrustedError, "ca.crt")]
)
def test_a_refusal_comes_with_the_place_to_look(kind, key):
    named = tell(pachd(kind), "team/pachyderm").message.lower()
    unnamed = tell(pachd(kind)).message

    assert f"key {key} of secret team/pachyderm (spec.pachyderm.secretref)" in named
    assert f"key {key}" in unnamed
    assert "spec.pachyderm.secretRef" in unnamed


def test_only_a_token_that_is_known_can_lack_a_grant():
    unknown = tell(pachd(errors.UnknownTokenError), "team/pachyderm").message
    known = tell(pachd(errors.DeniedError), "team/pachyderm").message

    assert "Put a valid token under key token of Secret team/pachyderm" in unknown
    assert "pachctl auth get-robot-token mnist-operator" in unknown
    assert "grants" not in unknown
    assert "its grants" in known


def test_without_a_key_nothing_is_published_unsigned():
    message = tell(errors.SigningKeyError("/key.pem cannot be read")).message

    assert message.startswith("/key.pem cannot be read. ")
    assert "finished runs wait: none is published unsigned" in message


def test_a_pachd_that_is_away_comes_with_the_place_to_look():
    away = tell(pachd(errors.UnreachableError)).message
    unwell = tell(pachd(errors.UpstreamError)).message

    assert "spec.pachyderm.address" in away
    assert "PACHD_ADDRESS" in away
    assert "address" not in unwell


def test_a_missing_kind_asks_for_kubeflow():
    absent = tell(kubernetes(errors.NotFoundError)).message
    away = tell(kubernetes(errors.UnreachableError)).message

    assert "Is the TFJob CRD of Kubeflow installed?" in absent
    assert "Kubeflow" not in away


def test_a_fault_of_our_own_tells_no_details_that_may_be_secret():
    story = tell(ValueError("token abc123"))

    assert "ValueError; the operator's log has the traceback." == story.message


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        (errors.HeadOpenError, errors.ConflictError),
        (errors.AlreadyFinishedError, errors.ConflictError),
        (errors.ConflictError, errors.UpstreamError),
        (errors.DeniedError, errors.UpstreamError),
        (errors.UpstreamError, errors.OperatorError),
        (errors.InvalidSpecError, errors.OperatorError),
    ],
    ids=lambda each: each.__name__,
)
def test_errors_are_sorted_by_who_must_act(kind, also):
    assert issubclass(kind, also)


def test_an_error_keeps_its_parts():
    error = pachd(errors.DeniedError, "no rights")

    assert ("pachd", "InspectBranch", "no rights") == (
        error.service,
        error.call,
        error.detail,
    )
    assert "wrong" == errors.InvalidSpecError("wrong").message


@pytest.mark.parametrize(
    ("code", "details", "kind"),
    [
        (
            grpc.StatusCode.UNAUTHENTICATED,
            "no authentication token",
            errors.UnknownTokenError,
        ),
        (grpc.StatusCode.UNAUTHENTICATED, "", errors.UnknownTokenError),
        (
            grpc.StatusCode.INTERNAL,
            "token expiration is in the past",
            errors.UnknownTokenError,
        ),
        (
            grpc.StatusCode.UNAUTHENTICATED,
            "robot:x is not authorized to perform this operation",
            errors.DeniedError,
        ),
    ],
)
def test_a_token_that_is_not_known_is_another_thing_than_a_grant_that_it_lacks(
    code, details, kind
):
    assert kind is type(classify("StartCommit", code, details))
