"""Of a long ledger only what is new is read, and the result is that of reading all."""

from mnist_operator import ledger_readings
from mnist_operator.decisions import Decision, to_lines
from mnist_operator.ledger import Ledger
from mnist_operator.readings import Memory
from unit.builders import begun, entry, ident, training

START = to_lines([begun()])


def skips(first, last):
    """Lines about so many commits."""
    return to_lines(
        entry(ident(number), Decision.SKIPPED, reason="Expired", message="m" * 80)
        for number in range(first, last)
    )


class Ledgers:
    """One file, its newest commit, and how many bytes of it were read."""

    def __init__(self, content=b"") -> None:
        self.content = content
        self.commits = 0
        self.sent = 0

    async def branch_head_id(self, branch):
        return f"{self.commits:032x}"

    async def read(self, repo, commit, path, *, limit):
        self.sent += len(self.content)
        return self.content

    async def read_from(self, repo, commit, path, start):
        if start > len(self.content):
            return None
        self.sent += len(self.content) - start
        return self.content[start:]

    async def look(self, memory):
        """One more commit, and the ledger as it is read then."""
        self.commits += 1
        return await ledger_readings.read_ledger(self, training(), memory)


async def test_a_long_ledger_costs_what_was_appended():
    ledgers, memory = Ledgers(START + skips(1, 3000)), Memory()
    await ledgers.look(memory)
    size, before = len(ledgers.content), ledgers.sent
    for number in range(3000, 3020):
        ledgers.content += skips(number, number + 1)
        found = await ledgers.look(memory)

    assert ledgers.sent - before < size / 2
    assert Ledger.parse(ledgers.content) == found


async def test_a_ledger_that_was_written_anew_is_read_anew():
    ledgers, memory = Ledgers(START + skips(1, 3000)), Memory()
    await ledgers.look(memory)
    for content in (
        START + skips(2, 4000),
        START + skips(4000, 7000),
        START,
        START + skips(1, 3000),
    ):
        ledgers.content = content

        assert Ledger.parse(content) == await ledgers.look(memory)


async def test_all_is_read_again_once_it_is_twice_as_long():
    ledgers, memory = Ledgers(START + skips(1, 3000)), Memory()
    await ledgers.look(memory)
    whole = memory.ledger_file.read_whole
    ledgers.content += skips(3000, 6100)
    found = await ledgers.look(memory)

    assert len(ledgers.content) == memory.ledger_file.read_whole > whole
    assert Ledger.parse(ledgers.content) == found


async def test_a_short_ledger_is_read_whole():
    ledgers, memory = Ledgers(START), Memory()
    await ledgers.look(memory)
    ledgers.content += skips(1, 5)

    assert Ledger.parse(ledgers.content) == await ledgers.look(memory)
