"""Every command in README and docs is run by a test, or read by what would take it.

`documents/registry.py` is the list of who does. kubectl and Helm are asked in
tests/cluster/install, the trainer in tests/trainer.
"""

import ast
import json
import re
import shutil
import subprocess

import click
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from documents.blocks import ROOT, commands, read_blocks, simple
from documents.registry import CHECKED, FORMS, PLAIN, RUN, form_of, run_by, to_be_read
from local_cluster.kube.schemas import Schema
from mnist_operator.cli.app import mnistctl
from mnist_operator.crd import build_crd
from mnist_operator.signing import sign_statement

LANGUAGES = {
    "console": "commands after a $, with what they print",
    "json": "a document",
    "markdown": "a document",
    "promql": "queries",
    "python": "a program",
    "sh": "commands",
    "text": "what is printed, and drawings",
    "yaml": "a document, or a part of one",
}
MAKEFILE = (ROOT / "Makefile").read_text()
SHELL = read_blocks("sh", "console")
SERVER = Schema(build_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"])


def _commands(program):
    return [
        pytest.param(words[1:], id=where)
        for where, words in to_be_read(program).items()
    ]


# --- the list -------------------------------------------------------------------------


def test_every_block_says_what_it_is():
    """Without a language nobody could tell a command from what one prints."""
    odd = [each.name for each in read_blocks() if each.language not in LANGUAGES]

    assert [] == odd, f"begin it with one of {sorted(LANGUAGES)}"


@pytest.mark.parametrize("block", SHELL, ids=lambda each: each.name)
def test_every_command_is_run_by_a_test_or_read_by_one(block):
    unknown = [
        words
        for line in commands(block)
        if not run_by(block)
        for words in simple(line)
        if words[0] not in CHECKED | dict.fromkeys(PLAIN) and not form_of(words)
    ]

    assert [] == unknown, "name the test that runs it in tests/documents/registry.py"


def test_no_line_of_the_list_is_about_a_command_that_is_gone():
    there = [words for b in SHELL for line in _read(b) for words in simple(line)]

    assert set() == set(RUN) - {run_by(block) for block in SHELL}
    assert set() == set(FORMS) - {form_of(words) for words in there}
    assert set() == set(CHECKED) - {words[0] for words in there}
    assert set() == PLAIN - {words[0] for words in there} - {"do", "done", "while"}


def _read(block):
    return [] if run_by(block) else commands(block)


def test_the_page_for_developers_counts_what_is_run_and_what_is_read():
    page = (ROOT / "docs" / "development.md").read_text()
    told = [int(each) for each in re.findall(r"^\| (\d+): ", page, flags=re.MULTILINE)]
    read = [each for each in SHELL if not run_by(each)]

    run = len(SHELL) - len(read)
    assert f"Of {len(SHELL)} blocks {run} are run.\n" in page
    assert f"The other {len(read)} are read only" in page
    assert len(read) == sum(told)


@pytest.mark.parametrize("name", sorted({*RUN.values(), *CHECKED.values()}))
def test_every_test_on_the_list_is_there(name):
    path, _, test = name.partition("::")

    assert f"def {test}(" in (ROOT / "tests" / path).read_text()


# --- what reads them here -------------------------------------------------------------


@pytest.mark.parametrize("words", _commands("make"))
def test_make_has_target_and_variables(words):
    targets = {word for word in words if "=" not in word}
    variables = {word.partition("=")[0] for word in words} - targets

    assert targets <= set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    assert set() == {name for name in variables if f"({name})" not in MAKEFILE}


@pytest.mark.parametrize("words", _commands("mnistctl"))
def test_mnistctl_takes_it(words, tmp_path, monkeypatch):
    """Each option and argument, as the program itself reads them; nothing is asked."""
    monkeypatch.chdir(tmp_path)
    for name in words:
        if name.endswith(".pub"):
            (tmp_path / name).touch()
    command, context = mnistctl, click.Context(mnistctl)
    while isinstance(command, click.Group):
        name, words = words[0], words[1:]
        command = command.get_command(context, name)

        assert command, f"there is no command {name}"

    command.make_context(name, list(words))


[RECORD] = [
    json.loads(block.text)
    for block in read_blocks("json")
    if block.page == "docs/lineage.md"
]
TOLD = {
    # What pachctl says of the commit, and what kubectl or mnistctl say of a training.
    "description": json.dumps({"lineageSha256": "ab"}),
    "status": {"active": [{"progress": {"metrics": {"accuracy": 0.9}}}]},
}


@pytest.mark.parametrize("words", _commands("jq"))
def test_jq_finds_something(words):
    """Where there is a jq; else at least its quotes are whole, or nothing is here."""
    options = [word for word in words if word.startswith("-")]
    query = next(word for word in words if not word.startswith("-"))
    if jq := shutil.which("jq"):
        given = json.dumps(RECORD | TOLD).encode()
        done = subprocess.run(
            [jq, *options, query], input=given, check=True, capture_output=True
        )

        assert done.stdout.strip() not in {b"", b"null"}
    assert query.startswith(".")


def test_the_documented_pair_of_keys_signs(tmp_path):
    [block] = [each for each in SHELL if "openssl genpkey" in each.text]
    lines = [line for line in commands(block) if line.startswith("openssl")]
    for line in lines if shutil.which("openssl") else ():
        subprocess.run(["sh", "-ec", line], cwd=tmp_path, check=True)

        assert sign_statement(b"{}", (tmp_path / "key.pem").read_bytes())
    for path in tmp_path.glob("*.pub"):
        load_pem_public_key(path.read_bytes())

    assert 2 == len(lines)


# --- documents ------------------------------------------------------------------------


@pytest.mark.parametrize("block", read_blocks("yaml"), ids=lambda each: each.name)
def test_yaml_is_yaml_and_a_training_is_one(block):
    for body in yaml.safe_load_all(block.text):
        if body.get("kind") == "MnistTraining" and "…" not in block.text:
            SERVER.default(body)
            refusals = SERVER.validate(body)

            # The first hour shows what the API server says to this one.
            assert not refusals or "startFrom: Newest" in block.text, refusals


@pytest.mark.parametrize(
    "block", read_blocks("json", "python"), ids=lambda each: each.name
)
def test_json_and_python_can_be_read(block):
    if block.language == "json":
        assert json.loads(block.text.replace(", …", ""))
    else:
        ast.parse(block.text)
