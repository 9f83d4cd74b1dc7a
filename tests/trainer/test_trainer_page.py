"""The page on the trainer knows every flag, default and exit code, and no others."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from mnist_trainer import errors
from mnist_trainer.command_line import make_parser
from mnist_trainer.errors import ExitCode, TrainerError
from mnist_trainer.parameters import Parameters, read_parameters
from mnist_trainer.recipes import RECIPES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "trainer.md").read_text()
ROWS = {
    name: cells
    for name, *cells in re.findall(
        r"^\| `--[a-z-]+` \| `(\w+)` \|[^|]+\| ([^|]*) \| ([^|]*) \| ([^|]*) \|$",
        PAGE,
        re.MULTILINE,
    )
}


def test_each_flag_is_on_the_page():
    flags = {
        flag
        for action in make_parser({})._actions
        for flag in action.option_strings
        if flag.startswith("--")
    }

    assert set() == {flag for flag in flags if f"`{flag}" not in PAGE} - {"--help"}


@pytest.mark.parametrize("column", range(3))
@pytest.mark.parametrize(
    "field",
    [one.name for one in fields(Parameters) if one.name not in {"recipe", "seed"}],
)
def test_each_parameter_is_on_the_page_with_its_default(field, column):
    first, *others = field.split("_")
    cell = ROWS[first + "".join(map(str.title, others))][column]
    name = list(RECIPES)[column]
    value = getattr(read_parameters(f'{{"recipe": "{name}"}}', seed=0), field)
    if field in {"augmentation", "epochs"}:
        value = getattr(RECIPES[name], field)
    if field == "outputs":
        assert set(cell.split(",")) == value
    elif field == "deterministic":
        assert cell == str(value).lower()
    else:
        assert cell.split(",")[0] == str(value)


def test_each_reason_and_exit_code_is_on_the_page():
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, TrainerError)
    ]
    reasons = {int(kind.code): kind.reason for kind in kinds}
    reasons[int(ExitCode.DONE)] = "Completed"
    told = re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE, re.MULTILINE)

    assert reasons == {int(code): reason for code, reason in told}
