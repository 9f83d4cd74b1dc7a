"""The model as a model card: Markdown for people, with metadata for programs. Pure.

The front matter's keys are those of the Hugging Face Hub, which others read as well.
Its `datasets` and `license` are not among them: the one takes names of the Hub's own,
the other is not in the record.

Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from mnist_operator.cli.export.facts import (
    Data,
    Facts,
    FileFact,
    Source,
    read_facts,
)
from mnist_operator.runs import canonical

__all__ = ["write_card"]

_TASK = "image-classification"


def write_card(source: Source) -> str:
    """The card, front matter and text."""
    facts = read_facts(source)
    matter = yaml.safe_dump(_front_matter(facts), sort_keys=False, allow_unicode=True)
    return "\n".join(["---", matter + "---", "", *_body(facts), ""])


def _front_matter(facts: Facts) -> dict[str, Any]:
    matter: dict[str, Any] = {}
    if isinstance(facts.environment.get("keras"), str):
        matter["library_name"] = "keras"
    matter |= {
        "pipeline_tag": _TASK,
        "tags": [_TASK, "mnist", "mnist-operator", "pachyderm"],
    }
    if "accuracy" in facts.numbers:
        matter["metrics"] = ["accuracy"]
    if facts.numbers and facts.data.repo:
        result = {
            "task": {"type": _TASK},
            "dataset": _dataset(facts.data),
            "metrics": [
                {"type": name, "value": value} for name, value in facts.numbers.items()
            ],
        }
        matter["model-index"] = [{"name": facts.name, "results": [result]}]
    return matter


def _dataset(data: Data) -> dict[str, str]:
    branch = f"@{data.branch}" if data.branch else ""
    known = {"type": data.repo, "name": f"{data.repo}{branch}", "split": "test"}
    return known | ({"revision": data.commit} if data.commit else {})


def _body(facts: Facts) -> Iterator[str]:
    yield f"# Model of {_code(facts.name)}"
    yield ""
    yield (
        "A classifier of small images such as handwritten digits, trained by"
        " mnist-operator, and described from its record, `lineage.json`."
    )
    sections = {
        "Model": _model(facts),
        "Training data": _data(facts.data),
        "Training procedure": _procedure(facts),
        "Evaluation": _evaluation(facts),
        "Environment": _list(facts.environment),
        "How to verify it": _verify(facts),
        "Limitations": _limitations(facts),
    }
    for title, lines in sections.items():
        yield from ("", f"## {title}", "", *lines)


def _model(facts: Facts) -> Iterator[str]:
    place = f"{facts.repo}@{facts.commit}" if facts.repo and facts.commit else ""
    yield from _list({
        "training": facts.name,
        "commit": place,
        "branch": facts.branch,
        "began from": facts.begun.uri,
    })  # fmt: skip
    yield from ("", *_files(facts.files))


def _data(data: Data) -> Iterator[str]:
    yield from _list({
        "repo": data.repo,
        "branch": data.branch,
        "commit": data.commit,
        "all files together": f"sha256:{data.sha256}" if data.sha256 else "",
    })  # fmt: skip
    yield from ("", *_files(data.files))


def _procedure(facts: Facts) -> Iterator[str]:
    sha256 = facts.image_sha256
    yield from _list({
        "run": facts.run,
        "attempt": facts.attempt,
        "TFJob": facts.job,
        "image": facts.image,
        "image that ran": f"sha256:{sha256}" if sha256 else "",
        "source": facts.source_url,
        "revision": facts.revision,
        "operator": facts.operator,
        "started": facts.started,
        "finished": facts.finished,
    })  # fmt: skip
    yield from ("", "Parameters that were used:", "", *_list(facts.parameters))


def _evaluation(facts: Facts) -> Iterator[str]:
    yield "On the test images of the same commit, by the trainer itself:"
    rows = [(name, _text(value)) for name, value in facts.numbers.items()]
    yield from ("", *_table(("metric", "value"), rows))
    matrix = facts.metrics.get("confusionMatrix")
    if isinstance(matrix, list) and all(isinstance(row, list) for row in matrix):
        columns = ("true class", *(str(each) for each in range(len(matrix))))
        counts = [
            (str(place), *map(_text, row[: len(matrix)]))
            for place, row in enumerate(matrix)
        ]
        told = "How many test images of each class it took for which:"
        yield from ("", told, "", *_table(columns, counts))


def _verify(facts: Facts) -> Iterator[str]:
    whole = facts.repo and facts.commit
    name = f"{facts.repo}@{facts.commit}" if whole else "FOLDER"
    yield "The record's copies, all digests, and the signature where there is one:"
    yield from ("", "```", f"mnistctl verify {name}", "```")
    if facts.data.repo and facts.data.commit:
        project, _, repo = facts.data.repo.rpartition("/")
        asked = f"--project {project} " if project else ""
        commit = f"{repo}@{facts.data.commit}"
        yield from ("", "The training data, with Pachyderm's own tool:", "")
        yield from ("```", f"pachctl inspect commit {asked}{commit}", "```")


def _limitations(facts: Facts) -> Iterator[str]:
    yield (
        "- It is meant for images like those that it was trained on: of the same size,"
        " one object each, brightness from 0 to 255. Of anything else it still names"
        " one of its classes."
    )
    yield (
        "- The metrics are from the test images of the same commit; how well it does"
        " on other images has not been measured."
    )
    unknown = {
        "the digest of the image that ran": facts.image_sha256,
        "the revision of the trainer's source": facts.revision,
        "the digests of the training data": facts.data.sha256,
        "the parameters that were used": facts.parameters,
        "how well it did": facts.numbers,
    }
    missing = ", ".join(name for name, value in unknown.items() if not value)
    if missing:
        yield f"- Its record does not say: {missing}."
    yield (
        "- No record says under which licence data and model may be used, whose data"
        " it is, or what the model is to be used for."
    )


def _files(files: Iterable[FileFact]) -> Iterator[str]:
    rows = [
        (each.path, "" if each.size is None else str(each.size), each.sha256)
        for each in files
    ]
    yield from _table(("file", "bytes", "sha256"), rows)


def _list(values: Mapping[str, Any]) -> list[str]:
    known = {name: _text(value) for name, value in values.items()}
    lines = [f"- {_plain(name)}: {_code(text)}" for name, text in known.items() if text]
    return lines or ["Nothing of it is in the record."]


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table; a sentence where it would have no row."""
    body = [_row(map(_code, row)) for row in rows]
    if not body:
        return ["Nothing of it is in the record."]
    return [_row(columns), _row("---" for _ in columns), *body]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """As it is, in code: others wrote names and paths, and none is to become markup."""
    clean = _plain(text).replace("`", "'").replace("|", "\\|")
    return f"`{clean}`" if clean else ""


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text).strip()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical(value).decode()
