"""The runbooks: a section for each alert; each reason of the code, with its remedy."""

import ast
import re
import shlex

import click
import pytest

from alerts.rulebook import ALERTS, ROOT
from alerts.runbooks import PAGE, SECTIONS, explained
from mnist_operator.cli.app import mnistctl
from mnist_operator.decisions import Decision
from mnist_operator.failures import FAILURES, OF_THE_TRAINER
from mnist_operator.status import Reason

OPERATOR = ROOT / "operator" / "mnist_operator"
RECORDING = {
    *("failed", "given_up", "_give_up", "skip_of", "_skipped", "failure_of"),
    *("Entry", "Outcome"),
}
"""What is called with the reason of a decision or of an attempt's end."""


def anchor(heading):
    """As a page of Markdown has it."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def spelled_out():
    """Reasons that the operator's modules spell out where they decide."""
    found = set()
    for path in sorted(OPERATOR.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in RECORDING:
                found |= set(_words(node.args))
            if isinstance(node, ast.Tuple) and path.stem == "outcomes":
                found |= set(_words(node.elts))
            if isinstance(node, ast.Assign) and path.stem == "decisions":
                found |= set(_words([node.value]))
    return found - {each.value for each in Decision}


def _name(node):
    """Of a name, alone or behind that of its module."""
    return getattr(node, "id", getattr(node, "attr", ""))


def _constants():
    """The texts that modules give a name, by that name."""
    named = {}
    for path in sorted(OPERATOR.glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                named[_name(node.targets[0])] = node.value.value
    return named


CONSTANTS = _constants()


def _words(nodes):
    texts = [each.value for each in nodes if isinstance(each, ast.Constant)]
    texts += [CONSTANTS.get(_name(each)) for each in nodes]
    return [
        t for t in texts if isinstance(t, str) and re.fullmatch("[A-Z][a-zA-Z]+", t)
    ]


def trainers():
    text = (ROOT / "trainer" / "mnist_trainer" / "errors.py").read_text()
    return set(re.findall(r'reason\S*(?: [\w\[\]]+)? = "(\w+)"', text))


FINDABLE = {
    "TrainingStalled": [
        "pachctl auth set repo inputrepo repoWriter robot:mnist-operator",
        "Commits that failed stay failed: `mnistctl retrain team/mnist --commit",
    ],
    "TrainingFailing": [
        "The reason says whose it is",
        "empty: it is the operator's `TRAINER_IMAGE`",
        "put back the image of the last model",
        "A commit that failed is not trained again by itself",
    ],
    "SourceUnreachable": ["kubectl describe pods --namespace pachyderm"],
    "ModelWithoutLineage": ["--output jsonpath='{.spec.output.project}/"],
    "AccuracyDropped": ["*Most frequent mistakes*", "mnistctl rollback team/mnist"],
    "StaleModel": ["pachctl finish commit outputrepo@COMMIT"],
    "OperatorDown": ["also where STATUS says Running and RESTARTS grows"],
}
"""What whoever was on call looked for, and did not find at once."""


@pytest.mark.parametrize(
    ("alert", "words"),
    [(a, words) for a, all_of in FINDABLE.items() for words in all_of],
)
def test_a_runbook_has_what_whoever_is_on_call_looks_for(alert, words):
    assert words in SECTIONS[alert]


def test_no_runbook_tells_the_cause_by_how_many_commits_failed():
    assert "With one reason for all" not in SECTIONS["TrainingFailing"]


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_leads_to_its_section(alert):
    page, _, place = ALERTS[alert]["annotations"]["runbook_url"].partition("#")

    assert (ROOT / page).read_text() == PAGE
    assert place in {anchor(heading) for heading in SECTIONS}
    assert place == anchor(alert)


@pytest.mark.parametrize("alert", ALERTS)
def test_a_section_says_what_it_means_what_users_notice_and_how_to_find_out(alert):
    section = SECTIONS[alert]

    assert f"`{ALERTS[alert]['labels']['severity']}`" in section
    assert "**What users notice**" in section
    assert "**The cause**" in section
    assert "what to do" in section.lower()


def test_every_reason_of_a_condition_or_an_event_has_its_row():
    assert set() == {each.value for each in Reason} - explained()


def test_every_way_to_fail_has_its_row():
    rows = explained(SECTIONS["TrainingFailing"])

    assert set() == {each.reason for each in FAILURES} - rows
    assert set(OF_THE_TRAINER) == trainers()
    assert set() == trainers() - rows


def test_every_reason_in_which_a_training_stands_still_is_in_the_section_of_the_alert():
    """What is told as Stalled says so in its docstring, which the reference shows."""
    text = (OPERATOR / "reasons.py").read_text()
    stalled = set(re.findall(r'= "(\w+)"\n    """Stalled: ', text))

    assert {"InvalidSpec", "AccessDenied", "OutputTaken"} < stalled
    assert set() == stalled - explained(SECTIONS["TrainingStalled"])


def test_every_other_reason_of_the_ledger_and_of_attempts_has_its_row():
    found = spelled_out()

    assert {"JobLost", "Superseded", "InputGone", "RequestRefused", "Twin"} < found
    assert set() == found - explained()


def test_no_row_is_about_a_reason_that_is_gone():
    words = {each.value for each in Reason} | {each.reason for each in FAILURES}

    assert set() == explained() - words - spelled_out() - trainers()


COMMANDS = sorted(set(re.findall(r"`?(mnistctl [^`\n]+)", PAGE)))


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_runbooks_is_one_of_mnistctl(line):
    words = shlex.split(line)[1:]
    command, context = mnistctl, click.Context(mnistctl)
    while isinstance(command, click.Group) and words:
        command = command.get_command(context, words.pop(0))
        assert command is not None

    # Bare ones are named in passing.
    assert not words or command.make_context("mnistctl", words, parent=context)
