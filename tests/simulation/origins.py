"""Where a model comes from, as its commit and its record tell it, is so."""

import json
from datetime import timedelta
from hashlib import sha256

from mnist_operator import runs
from mnist_operator.commits import CommitState
from mnist_operator.lineage import LINEAGE_FILE, model_of
from mnist_operator.test_result import PROMOTION_FILE
from simulation.promptness import find_delay, is_smooth
from unit.builders import NOW
from unit.model_world import MODEL

__all__ = ["check_index", "check_origin"]

_OWN = frozenset({LINEAGE_FILE, PROMOTION_FILE})
"""What the operator itself writes into a model's commit."""
_NOT_PUBLISHED = frozenset({"/attempt.json", "/record.json", "/log.txt", *_OWN})
"""What of a run's commit is its own, or only a trainer's word."""


def check_origin(world, model):
    """A model that was not there before: of whole data, of its run, with its record."""
    commits, files = world.pachyderm.commits, world.pachyderm.content[model.commit]
    source, run = commits.get(model.input_commit), commits[model.run]
    attempt = runs.read_attempt(run)
    record = files[LINEAGE_FILE]
    assert source is None or source.state is CommitState.FINISHED, source
    assert model.lineage_sha256 == sha256(record).hexdigest(), "another's record"
    _check_digests(files, json.loads(record))
    asked = attempt.commit, attempt.request, attempt.number, attempt.digest
    said = model.input_commit, model.request, model.attempt, model.spec
    assert asked == said, "not what its run was asked for"
    _check_files(files, world.pachyderm.content[model.run])
    _check_record(world, model, attempt, json.loads(record))
    sources = {name for _, name in commits[model.commit].provenance}
    assert sources <= {model.input_commit}, "pachd says that it is of another commit"
    late = find_delay(world, attempt)
    assert not late, late


def check_index(world):
    """Where nothing went wrong, pachd's own map tells of each model as well."""
    if not is_smooth(world):
        return
    joined = NOW + timedelta(seconds=world.joined_at + 1.0)
    for model in world.models():
        commit = world.pachyderm.commits[model.commit]
        told = commit.metadata.get("lineage.sha256")
        assert commit.started < joined or told == model.lineage_sha256, "not indexed"


def _check_files(files, written):
    """All that the trainer wrote is there, and nothing else but the record."""
    if not written:
        return  # Whoever plays for weeks lets go of what is in old ones.
    published = {path: data for path, data in files.items() if path not in _OWN}
    wanted = {p: data for p, data in written.items() if p not in _NOT_PUBLISHED}
    assert MODEL in files, "a model without its file"
    assert wanted == published, "not the files of its run"


def _check_digests(files, record):
    """The record names all files, each with its digest."""
    told = {each["name"]: each["digest"]["sha256"] for each in record["subject"]}
    found = {path: sha256(data).hexdigest() for path, data in files.items()}
    del found[LINEAGE_FILE]
    assert told == {path.lstrip("/"): each for path, each in found.items()}, "digests"


def _check_record(world, model, attempt, record):
    asked = record["predicate"]["buildDefinition"]
    told, spec = asked["internalParameters"], asked["externalParameters"]["spec"]
    assert attempt.digest == runs.digest(spec) == told["specSha256"], "another spec"
    assert model.run == told["run"], "the record of another run"
    begun = told.get("warmStart", {}).get("from", "")
    assert attempt.begins_from == begun, "begun from another model"
    assert _find_previous(world, model) == told["previousModelCommit"], (
        "the model before it is another one"
    )


def _find_previous(world, model):
    """The newest model of the same training below this one."""
    commits = world.pachyderm.commits
    for older in world.pachyderm.ancestry(commits[model.commit].parent):
        if older.state is CommitState.FINISHED and model_of(older, model.training):
            return older.id
    return ""
