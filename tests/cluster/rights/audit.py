"""What somebody asked of an API server, by its audit log; and what roles grant."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Audit", "Right", "granted", "reasons"]

_REFUSED = 403


@dataclass(frozen=True, order=True)
class Right:
    """One verb on one kind, as a role grants it."""

    group: str
    resource: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}.{self.group}".rstrip(".")


class Audit:
    """The requests of one user from now on; many tests may share the log."""

    def __init__(self, log: Path, user: str) -> None:
        self._log = log
        self._user = user
        self._begin = log.stat().st_size

    def used(self) -> set[Right]:
        """The rights that were needed, for requests that were let through."""
        return {_right(each) for each in self._requests() if not _is_refused(each)}

    def refused(self) -> set[Right]:
        """The rights that were missing."""
        return {_right(each) for each in self._requests() if _is_refused(each)}

    def answers(self, right: Right) -> set[int]:
        """The status codes of the requests that needed a right."""
        return {
            each["responseStatus"]["code"]
            for each in self._requests()
            if _right(each) == right and each["stage"] == "ResponseComplete"
        }

    def queries(self, right: Right) -> list[dict[str, str]]:
        """The parameters of those requests."""
        return [
            dict(parse_qsl(urlsplit(each["requestURI"]).query))
            for each in self._requests()
            if _right(each) == right
        ]

    def _requests(self) -> Iterable[dict[str, Any]]:
        with self._log.open("rb") as log:
            log.seek(self._begin)
            for line in log:
                event = json.loads(line)
                # What every user may ask, such as which kinds there are, names none.
                named = "resource" in event.get("objectRef", {})
                if named and event["user"]["username"] == self._user:
                    yield event


def _is_refused(event: dict[str, Any]) -> bool:
    return bool(event.get("responseStatus", {}).get("code") == _REFUSED)


def _right(event: dict[str, Any]) -> Right:
    about = event["objectRef"]
    steps = [about["resource"], about.get("subresource", "")]
    resource = "/".join(filter(None, steps))
    return Right(about.get("apiGroup", ""), resource, event["verb"])


def granted(roles: Iterable[dict[str, Any]]) -> set[Right]:
    """Every right that these roles grant."""
    return {
        Right(group, resource, verb)
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def reasons(manifest: str) -> dict[str, str]:
    """For every rule of a manifest, by its first three lines: the comment above it."""
    found, comment = {}, []
    lines = manifest.splitlines()
    for place, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            comment.append(line.strip(" #"))
            continue
        if line.lstrip().startswith("- apiGroups:"):
            end = next(n for n in range(place, len(lines)) if "verbs:" in lines[n])
            found["\n".join(lines[place : end + 1])] = " ".join(comment)
        comment = []
    return found
