"""How a printed command names the places that are not the usual ones."""

import pytest

from mnist_operator.cli.dashboard.subjects import DataPlace, diff_of, options_of
from mnist_operator.cli.pointers import log_options, place_options
from mnist_operator.commits import Repo
from mnist_operator.resource import Output, Spec
from unit import mnistctl_records as records


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({}, ""),
        ({"repo": "digits"}, " --repo digits"),
        (
            {"project": "p", "repo": "r", "branch": "b", "run_repo": "runs"},
            " --project p --repo r --branch b --run-repo runs",
        ),
    ],
)
def test_only_what_is_not_usual_is_named(places, expected):
    assert expected == place_options(Output(**places))


@pytest.mark.parametrize(
    ("repo", "expected"),
    [
        ("default/outputrepo_runs", ""),
        ("default/digits_runs", " --run-repo digits_runs"),
        ("vision/outputrepo_runs", " --project vision"),
    ],
)
def test_a_log_needs_the_run_repo_alone(repo, expected):
    assert expected == log_options(repo)


def test_the_page_gives_its_commands_what_they_need():
    spec = Spec(output=Output(repo="digits"))

    told = options_of(records.TRAINING.model_copy(update={"spec": spec}))

    expected = {"log_options": " --run-repo digits_runs"}
    assert expected | {"place_options": " --repo digits"} == told


@pytest.mark.parametrize(
    ("path", "option"), [("data/mnist.npz", ""), ("my data/", " --path 'my data/'")]
)
def test_a_comparison_names_the_repo_and_the_path(path, option):
    place = DataPlace(Repo("vision", "digits"), path)

    assert f"vision/digits@a vision/digits@b{option}" == diff_of(place, "a", "b")
