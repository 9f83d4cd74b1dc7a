"""Names that differ from run to run: commit ids, and the repos of this run."""

import re
from typing import Any

__all__ = ["Names", "UnboundError"]

_TOKEN = re.compile(r"<[a-z][a-z0-9-]*>|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_ZEROS = "0" * 32


class UnboundError(LookupError):
    """A name is used that nothing has given a meaning to."""


class Names:
    """What the recording's ids and repo names mean on this server, in this run.

    An id is bound when an answer shows it first. The recording calls an id by its
    digits there and by a name like `<c1>` afterwards, so a name that is still free
    means the id that came last.
    """

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix
        self.bound: dict[str, str] = {_ZEROS: _ZEROS}
        self.repos: list[str] = []
        self._latest: str | None = None

    def bind(self, token: str, identity: str) -> None:
        self.bound[token] = identity
        self._latest = identity

    @property
    def latest(self) -> str:
        """The id that was bound last."""
        assert self._latest is not None
        return self._latest

    def copy(self) -> "Names":
        other = Names(self.suffix)
        other.bound, other.repos = dict(self.bound), self.repos
        other._latest = self._latest
        return other

    def adopt(self, other: "Names") -> None:
        self.bound, self._latest = other.bound, other._latest

    # -- from the recording to the server ----------------------------------

    def repo(self, name: str) -> str:
        renamed = name + self.suffix
        if renamed not in self.repos:
            self.repos.append(renamed)
        return renamed

    def bucket(self, name: str) -> str:
        parts = name.split(".")
        place = -2 if parts[-1] == "default" else -1
        parts[place] = self.repo(parts[place])
        return self.text(".".join(parts))

    def text(self, text: str) -> str:
        return _TOKEN.sub(lambda match: self._meaning(match[0]), text)

    def request(self, value: Any) -> Any:
        """Return a request with the ids and the repos of this run."""
        if isinstance(value, dict):
            return {key: self._member(key, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.request(each) for each in value]
        return self.text(value) if isinstance(value, str) else value

    def _member(self, key: str, value: Any) -> Any:
        if key == "repo" and "name" in value:
            return {**self.request(value), "name": self.repo(value["name"])}
        return self.request(value)

    def _meaning(self, token: str) -> str:
        if token not in self.bound:
            if self._latest is None:
                raise UnboundError(token)
            self.bound[token] = self._latest
        return self.bound[token]

    # -- from the server to the recording ----------------------------------

    def plain(self, value: Any) -> Any:
        """Return an answer with the recording's repo names."""
        if isinstance(value, dict):
            return {key: self.plain(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.plain(each) for each in value]
        return value.replace(self.suffix, "") if isinstance(value, str) else value

    def matches(self, expected: str, actual: str) -> bool:
        """Compare texts, and learn the ids that the recording shows first here."""
        pattern, unknown, end = "", [], 0
        for match in _TOKEN.finditer(expected):
            pattern += re.escape(expected[end : match.start()])
            end = match.end()
            token = match[0]
            if token in self.bound:
                pattern += re.escape(self.bound[token])
            else:
                pattern += "([0-9a-f]{32})"
                unknown.append(token)
        found = re.fullmatch(pattern + re.escape(expected[end:]), actual)
        if found is None:
            return False
        for token, identity in zip(unknown, found.groups(), strict=True):
            self.bind(token, identity)
        return True
