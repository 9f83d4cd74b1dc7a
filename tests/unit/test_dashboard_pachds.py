"""Which Pachyderm a training is asked at, and with whose token."""

import pytest

from mnist_operator.cli.dashboard.pachds import find_address, is_own, tell_failure
from mnist_operator.errors import DeniedError, UnreachableError, UpstreamError
from mnist_operator.pachyderm import Connection
from mnist_operator.resource import MnistTraining, Spec

OWN = Connection("pachd.pachyderm:30650", token="ours")
NAKED = Connection("pachd.pachyderm:30650")
SECRET = {"name": "pachyderm"}


def _training(**place):
    spec = Spec.model_validate({"pachyderm": place})
    return MnistTraining(namespace="team", name="mnist", uid="u", spec=spec)


@pytest.mark.parametrize(
    ("place", "own", "is_ours"),
    [
        pytest.param({}, OWN, True, id="it-names-none"),
        pytest.param({"address": OWN.address}, OWN, True, id="it-names-the-same"),
        pytest.param(
            {"address": f"grpc://{OWN.address}"}, OWN, True, id="in-other-words"
        ),
        pytest.param({"secretRef": SECRET}, OWN, True, id="our-token-will-do"),
        pytest.param({"secretRef": SECRET}, NAKED, False, id="we-have-no-token"),
        pytest.param({"address": "elsewhere:30650"}, OWN, False, id="it-is-elsewhere"),
        pytest.param(
            {"address": f"grpcs://{OWN.address}"}, OWN, False, id="over-tls-alone"
        ),
        pytest.param({"address": "no:such:port"}, OWN, False, id="it-is-no-address"),
    ],
)
def test_our_token_goes_to_our_own_pachyderm_alone(place, own, is_ours):
    assert is_ours is is_own(_training(**place), own)


def test_an_address_is_shown_without_what_may_be_a_password():
    training = _training(address="grpc://user:secret@elsewhere:30650")

    assert "elsewhere:30650" == find_address(training, OWN)
    assert OWN.address == find_address(_training(), OWN)


ELSEWHERE = _training(address="elsewhere:30650", secretRef=SECRET)


@pytest.mark.parametrize(
    ("error", "token", "told"),
    [
        (UnreachableError("pachd", "ListBranch", "UNAVAILABLE"), None, "wrote that"),
        (DeniedError("pachd", "ListBranch", "no"), "t", "the token of that Secret"),
        (DeniedError("pachd", "ListBranch", "no"), None, "names a Secret with one"),
        (UpstreamError("pachd", "ListBranch", "pg"), "t", "could not answer ListB"),
    ],
)
def test_a_failure_elsewhere_names_the_training_and_who_must_act(error, token, told):
    asked = Connection("elsewhere:30650", token=token)

    line = tell_failure(error, ELSEWHERE, asked, OWN)

    assert told in line
    assert "elsewhere:30650 (spec.pachyderm of team/mnist)" in line
    assert error.detail in line


def test_our_own_failure_names_our_own_options():
    error = UnreachableError("pachd", "ListBranch", "UNAVAILABLE")

    assert "--address" in tell_failure(error, _training(), OWN, OWN)
