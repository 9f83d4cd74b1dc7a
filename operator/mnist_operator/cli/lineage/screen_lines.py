"""What made one model, for people: the answer that an auditor reads. Pure."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from mnist_operator.cli.screen import facts, line, title

__all__ = ["lineage_lines"]

_VERSIONS = ("python", "tensorflow", "keras", "cuda", "cudnn", "driver")


def lineage_lines(report: Mapping[str, Any]) -> list[Text]:
    """What an auditor reads, most important first."""
    model, source, run = report["model"], report["input"], report["run"]
    data = [
        _digest(each["path"], "sha256", each["sha256"], each["size"])
        for each in source["files"]
    ]
    return [
        title(
            f"Model {model['commit'] or report['asked']['reference']}", *_owner(report)
        ),
        *facts(
            ("on", report["asked"]["branch"] or model["repo"]),
            ("as of", report["asked"]["at"]),
            ("finished", model["finished"]),
            ("accuracy", report["accuracy"]),
            ("metrics", _pairs(report["metrics"])),
            ("previous", model["previous"] or "none: the first one"),
        ),
        title("Trained on"),
        *facts(
            ("input", _place(source)),
            *(("data", each) for each in data),
            *_beginning(report["warmStart"]),
        ),
        title("With"),
        *facts(
            *_code(report["code"], report["parameters"]),
            *_environment(report["environment"]),
        ),
        title("By"),
        *facts(
            ("attempt", run["attempt"]),
            ("run", f"{run['repo'] or '?'}@{run['commit'] or '?'}"),
            ("tfjob", run["tfjob"]),
            ("pod", " on ".join(filter(None, (run["pod"], run["node"])))),
            ("started", run["started"]),
            ("finished", run["finished"]),
            ("spec", _sha256(report["training"]["specSha256"])),
        ),
        title("Files"),
        *facts(*(("file", _file(each)) for each in model["files"])),
        title("Record"),
        *facts(*_record(report["record"])),
        *(line(f"Note: {note}", "yellow") for note in report["notes"]),
    ]


def _owner(report: Mapping[str, Any]) -> list[str]:
    name = report["training"]["name"]
    return ["of", name] if name else []


def _beginning(begun: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """Where it began, if it was to begin from a model; what to ask for next."""
    if begun is None:
        return []
    if begun["commit"] is None:
        why = f"though it was given {begun['offered']}" if begun["offered"] else ""
        return [("began", f"anew, {why or 'for there was no model yet'}")]
    place = _place(begun)
    model = _digest(begun["path"], "sha256", begun["sha256"], None)
    return [("began from", place), ("model", model)]


def _code(
    code: Mapping[str, Any], parameters: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    return [
        ("image", code["image"]),
        ("digest", _sha256(code["imageSha256"]) or "unknown"),
        ("git", code["gitCommit"] or "unknown"),
        ("source", code["sourceUrl"] if code["gitCommit"] else None),
        ("packages", _sha256(code["packagesSha256"])),
        ("operator", code["operator"]),
        ("parameters", _pairs(parameters["effective"]) or "unknown"),
        ("asked", _pairs(parameters["asked"]) or "nothing: the trainer's defaults"),
    ]


def _environment(environment: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What the result depends on besides data, code and parameters."""
    found = {name: environment.get(name) for name in _VERSIONS}
    device = [environment.get(name) for name in ("device", "processor")]
    return [
        ("versions", ", ".join(f"{k} {v}" for k, v in found.items() if v)),
        ("device", ", ".join(str(each) for each in device if each)),
    ]


def _record(record: Mapping[str, Any]) -> list[tuple[str, Any]]:
    copies = "lineage.json and description"
    if record["metadata"]:
        copies = "lineage.json, description and metadata map"
    if record["agrees"] is None:
        verdict = "not compared: there is one copy"
    else:
        verdict = f"{copies} agree" if record["agrees"] else "THE COPIES DISAGREE"
    return [
        ("lineage", _sha256(record["lineageSha256"])),
        ("verdict", verdict),
        *(("pachd", f"made it of {each}") for each in record["provenance"]),
        *(("", each) for each in record["disagreements"]),
    ]


def _place(commit: Mapping[str, Any]) -> str | None:
    if commit["commit"] is None:
        return None
    return f"{commit['repo']}@{commit['branch']}={commit['commit']}"


def _file(file: Mapping[str, Any]) -> str:
    path = file["path"].lstrip("/")
    if path == "lineage.json":
        return f"{path} ({file['size']} bytes), the record itself"
    return _digest(path, "sha256", file["sha256"], file["size"])


def _digest(path: Any, kind: str, value: Any, size: Any) -> str:
    length = f" ({size} bytes)" if size is not None else ""
    return f"{path}{length}, {kind}:{value or 'unknown'}"


def _sha256(value: Any) -> str:
    return f"sha256:{value}" if value else ""


def _pairs(values: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name}={value}" for name, value in (values or {}).items())
