"""The training data in Croissant 1.0, as far as the model's record knows it. Pure.

There is no recordSet: the record names files, and not the arrays in them. Nor are
there licence, publication date and citation, which only the data's owner can give.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

import json
from typing import Any
from urllib.parse import quote

from mnist_operator.cli.export.facts import Data, FileFact, Source, read_facts

__all__ = ["write_croissant"]

_TERMS = {
    name: f"cr:{name}"
    for name in (
        "citeAs",
        "column",
        "equivalentProperty",
        "extract",
        "field",
        "fileObject",
        "fileProperty",
        "fileSet",
        "format",
        "includes",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
        "parentField",
        "path",
        "recordSet",
        "references",
        "regex",
        "repeated",
        "replace",
        "samplingRate",
        "separator",
        "source",
        "subField",
        "transform",
    )
}
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **_TERMS,
}
"""The specification wants all of it, whatever of it is used."""

_FORMATS = {
    "npz": "application/zip",
    "zip": "application/zip",
    "json": "application/json",
    "csv": "text/csv",
    "png": "image/png",
    "txt": "text/plain",
}
_ANY = "application/octet-stream"


def write_croissant(source: Source) -> str:
    """The JSON-LD of what a model was trained on."""
    facts = read_facts(source)
    data = facts.data
    whose = f"model {facts.name}"
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": data.repo or f"What {whose} was trained on",
        "description": _describe(data, facts.uri or whose),
        **({"url": data.uri} if data.uri else {}),
        **({"version": data.commit} if data.commit else {}),
        "distribution": [_object(each, data) for each in data.files if each.sha256],
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _describe(data: Data, model: str) -> str:
    place = f"commit {data.commit}" if data.commit else "a commit that is not known"
    branch = f" of branch {data.branch}" if data.branch else ""
    repo = f" in the Pachyderm repo {data.repo}" if data.repo else ""
    whole = f" All files together: sha256:{data.sha256}." if data.sha256 else ""
    return (
        f"The files of {place}{branch}{repo} that {model} was trained on, as its"
        f" record names them.{whole}"
    )


def _object(file: FileFact, data: Data) -> dict[str, Any]:
    name = file.path.rpartition("/")[2]
    place = data.uri or "pachyderm:"
    size = {} if file.size is None else {"contentSize": f"{file.size} B"}
    return {
        "@type": "cr:FileObject",
        "@id": quote(file.path),
        "name": name,
        "contentUrl": f"{place}:/{quote(file.path)}",
        **size,
        "encodingFormat": _FORMATS.get(name.rpartition(".")[2].lower(), _ANY),
        "sha256": file.sha256,
    }
