"""Where a training's things are in Pachyderm: names that follow from its own."""

import pytest

from mnist_operator import places
from unit.builders import training

_OTHER = training(
    namespace="lab",
    name="digits",
    input={"project": "raw", "repo": "in", "branch": "main"},
    output={"project": "ml", "repo": "out", "branch": "prod"},
)
_OWN = training(output={"runRepo": "attempts"})


@pytest.mark.parametrize(
    ("place", "of", "expected"),
    [
        (places.input_branch, training(), "default/inputrepo@master"),
        (places.input_branch, _OTHER, "raw/in@main"),
        (places.output_branch, training(), "default/outputrepo@master"),
        (places.output_branch, _OTHER, "ml/out@prod"),
        (places.run_repo, training(), "default/outputrepo_runs"),
        (places.run_repo, _OTHER, "ml/out_runs"),
        (places.run_repo, _OWN, "default/attempts"),
        (places.slot_branch, training(), "default/outputrepo_runs@team_mnist_0"),
        (places.slot_branch, _OTHER, "ml/out_runs@lab_digits_0"),
        (places.ledger_branch, training(), "default/outputrepo_runs@team_mnist_ledger"),
        (places.pin_branch, training(), "default/inputrepo@team_mnist_pin_fdbe09c3"),
        (places.pin_branch, _OTHER, "raw/in@lab_digits_pin_3f2f1fad"),
        (places.staged_branch, training(), "default/outputrepo@team_mnist_staged"),
        (places.staged_branch, _OTHER, "ml/out@lab_digits_staged"),
        (places.ledger_branch, _OTHER, "ml/out_runs@lab_digits_ledger"),
    ],
)
def test_each_thing_has_its_place(place, of, expected):
    assert expected == str(place(of))


def test_every_slot_is_a_branch_of_its_own():
    names = {places.slot_branch(training(), slot).name for slot in range(10)}

    assert 10 == len(names)
    assert places.ledger_branch(training()).name not in names


def test_each_output_repo_has_a_pin_of_its_own():
    """pachd opens a commit in all that descend from one, with one ID."""
    repos = ["outputrepo", "elsewhere"]
    pins = {places.pin_branch(training(output={"repo": each})) for each in repos}

    assert 2 == len(pins)
