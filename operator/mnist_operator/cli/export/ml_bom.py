"""The model as a CycloneDX 1.6 ML-BOM: what it is made of, and how good it is. Pure.

Source: https://cyclonedx.org/docs/1.6/json/, and for the image's package URL
https://github.com/package-url/purl-spec (type oci).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mnist_operator.cli.export.facts import (
    Data,
    Facts,
    FileFact,
    Source,
    read_facts,
)
from mnist_operator.decisions import is_own_request
from mnist_operator.openlineage import name_uuid
from mnist_operator.runs import canonical, digest

__all__ = ["name_image", "write_bom"]

_MODEL, _DATA, _BEGUN, _IMAGE = "model", "training-data", "warm-start", "trainer-image"
_PREFIX = "mnist-operator"


def write_bom(source: Source) -> str:
    """The BOM, as JSON."""
    facts = read_facts(source)
    parts = [_data(facts), _begun(facts), _image(facts), _framework(facts)]
    components = [part for part in parts if part]
    record = digest(source.statement.value)
    identity = name_uuid(f"https://mnist-operator.dev/records/{record}")
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{identity}",
        "version": 1,
        "metadata": _known(
            timestamp=facts.finished,
            lifecycles=[{"phase": "build"}],
            tools={"components": [_operator(facts)]},
            component=_model(facts),
        ),
        "components": components,
        "dependencies": [
            {"ref": _MODEL, "dependsOn": [each["bom-ref"] for each in components]}
        ],
        "formulation": _formulation(facts, {each["bom-ref"] for each in components}),
    }
    return json.dumps(_known(**bom), indent=2, ensure_ascii=False) + "\n"


def _operator(facts: Facts) -> dict[str, Any]:
    return _known(type="application", name="mnist-operator", version=facts.operator)


def _model(facts: Facts) -> dict[str, Any]:
    return _known(
        type="machine-learning-model",
        **{"bom-ref": _MODEL},
        name=facts.name,
        version=facts.commit,
        hashes=_hashes(facts.model.sha256),
        externalReferences=_references("distribution", facts.uri),
        components=[_file(_MODEL, each) for each in facts.files],
        modelCard=_card(facts),
        properties=_properties(
            run=facts.run, attempt=facts.attempt, job=facts.job, branch=facts.branch
        ),
    )


def _card(facts: Facts) -> dict[str, Any]:
    metrics = [
        _known(type=name, value=canonical(value).decode(), **_interval(facts, name))
        for name, value in facts.numbers.items()
    ]
    return _known(
        modelParameters=_known(
            approach={"type": "supervised"},
            task="image-classification",
            datasets=[{"ref": _DATA}] if facts.data.repo else [],
        ),
        quantitativeAnalysis=_known(performanceMetrics=metrics),
        properties=_properties(
            **{f"parameter:{k}": _text(v) for k, v in facts.parameters.items()},
            **{f"environment:{k}": _text(v) for k, v in facts.environment.items()},
        ),
    )


def _interval(facts: Facts, name: str) -> dict[str, Any]:
    """The trainer's own interval, of the one metric that it gives one for."""
    told = facts.metrics.get("accuracyInterval")
    if name != "accuracy" or not isinstance(told, Mapping):
        return {}
    bounds = [told.get(each) for each in ("low", "high")]
    if not all(isinstance(each, int | float) for each in bounds):
        return {}
    low, high = (canonical(each).decode() for each in bounds)
    return {"confidenceInterval": {"lowerBound": low, "upperBound": high}}


def _data(facts: Facts) -> dict[str, Any]:
    return _commit(_DATA, "data", facts.data, data=[{"type": "dataset"}])


def _begun(facts: Facts) -> dict[str, Any]:
    return _commit(_BEGUN, "machine-learning-model", facts.begun)


def _commit(ref: str, kind: str, place: Data, **more: Any) -> dict[str, Any]:
    """A component that is a commit in Pachyderm; empty where it is not known."""
    if not place.repo:
        return {}
    return _known(
        type=kind,
        **{"bom-ref": ref},
        name=place.repo,
        version=place.commit,
        externalReferences=_references("distribution", place.uri),
        components=[_file(ref, each) for each in place.files],
        properties=_properties(branch=place.branch, sha256=place.sha256),
        **more,
    )


def _image(facts: Facts) -> dict[str, Any]:
    if not facts.image:
        return {}
    name, _ = name_image(facts.image)
    return _known(
        type="container",
        **{"bom-ref": _IMAGE},
        name=name,
        version=f"sha256:{facts.image_sha256}" if facts.image_sha256 else "",
        hashes=_hashes(facts.image_sha256),
        purl=_package_url(facts),
        externalReferences=_references("vcs", facts.source_url),
        properties=_properties(image=facts.image, gitCommit=facts.revision),
    )


def _framework(facts: Facts) -> dict[str, Any]:
    version = facts.environment.get("tensorflow")
    if not isinstance(version, str) or not version:
        return {}
    return {
        "type": "framework",
        "bom-ref": "tensorflow",
        "name": "TensorFlow",
        "version": version,
    }


def name_image(image: str) -> tuple[str, str]:
    """An image's name and tag; a tag that is not said is empty."""
    name, _, _ = image.partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{head}{slash}{last}", tag


def _package_url(facts: Facts) -> str:
    """Only of what ran for certain: a tag may have moved since."""
    name, tag = name_image(facts.image)
    if not facts.image_sha256 or not name:
        return ""
    qualifiers = {"repository_url": name if "/" in name else "", "tag": tag}
    query = "&".join(
        f"{key}={quote(value, safe='/:')}" for key, value in qualifiers.items() if value
    )
    last = quote(name.rpartition("/")[2].lower(), safe="")
    version = quote(f"sha256:{facts.image_sha256}", safe="")
    return f"pkg:oci/{last}@{version}" + (f"?{query}" if query else "")


def _formulation(facts: Facts, known: set[str]) -> list[dict[str, Any]]:
    """The run that made it, where the record names one."""
    if not facts.run:
        return []
    taken = [{"resource": {"ref": ref}} for ref in (_DATA, _BEGUN) if ref in known]
    workflow = _known(
        **{"bom-ref": "run"},
        uid=facts.run,
        name=facts.job,
        taskTypes=["build"],
        trigger=_trigger(facts),
        inputs=taken,
        outputs=[{"type": "artifact", "resource": {"ref": _MODEL}}],
        timeStart=facts.started,
        timeEnd=facts.finished,
    )
    return [{"workflows": [workflow]}]


def _trigger(facts: Facts) -> dict[str, Any]:
    """Somebody's wish; for a commit in its turn CycloneDX has no word."""
    if not facts.request or is_own_request(facts.request):
        return {}
    return {"bom-ref": "request", "uid": facts.request, "type": "manual"}


def _file(owner: str, file: FileFact) -> dict[str, Any]:
    size = "" if file.size is None else str(file.size)
    return _known(
        type="file",
        **{"bom-ref": f"{owner}:{file.path}"},
        name=file.path,
        hashes=_hashes(file.sha256),
        properties=_properties(bytes=size),
    )


def _hashes(sha256: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": sha256}] if sha256 else []


def _references(kind: str, url: str) -> list[dict[str, str]]:
    usable = url and not any(each.isspace() for each in url)
    return [{"type": kind, "url": url}] if usable else []


def _properties(**values: str) -> list[dict[str, str]]:
    return [
        {"name": f"{_PREFIX}:{name}", "value": value}
        for name, value in values.items()
        if value
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical(value).decode()


def _known(**values: Any) -> dict[str, Any]:
    """Without what is empty: an empty list would say that there is none."""
    empty: Sequence[Any] = ("", [], {})
    return {name: value for name, value in values.items() if value not in empty}
