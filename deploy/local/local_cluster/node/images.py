"""Container images that are really programs of this machine."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Image", "find_image", "read_images"]


@dataclass(frozen=True, slots=True)
class Image:
    """What runs when a container asks for an image."""

    entrypoint: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    def reference(self, name: str) -> str:
        """Return what a pod reports as its `imageID`."""
        repository, _, named = name.partition("@")
        made_up = f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        digest = self.digest or named or made_up
        head, _, last = repository.rpartition("/")
        base = f"{head}/{last.partition(':')[0]}".lstrip("/")
        return f"{base}@{digest}"


def find_image(images: Mapping[str, Image], name: str) -> Image | None:
    """Find an image by its name, or by the digest that it is reported with."""
    by_digest = (i for known, i in images.items() if i.reference(known) == name)
    return images.get(name) or (next(by_digest, None) if "@" in name else None)


def read_images(path: Path) -> dict[str, Image]:
    """Read images from a JSON file: name to entrypoint, env and digest."""
    return {
        name: Image(
            entrypoint=tuple(entry.get("entrypoint", ())),
            env=dict(entry.get("env", {})),
            digest=entry.get("digest", ""),
        )
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items()
    }
