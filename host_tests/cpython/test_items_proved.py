# SPDX-License-Identifier: MIT
"""Every register and command is an item of the list, and has a test that sees it go wrong.

Which test proves what is said by the tests themselves (PROVES in host_tests/test_items_*.py,
words in host_tests/valued.py).  Each row of their tables is run alone: sound, and then with
one fault that touches nothing but its register.
"""

from collections import Counter
from contextlib import contextmanager

import pytest

import items
from node import registers, registertext
from node.commands import Commands
from node.values import Snapshot

TABLE = {row[0]: row for row in registertext.rows()}
NUMBER = {name: row for row, name in enumerate(TABLE)}
COMMANDS = "wascf"
# What shows no value, or always 0, without a key, and logs, which are no values.
ALIKE = {
    *("security_level", "key_version", "command_counter", "security_failures"),
    *("event", "crash"),
}
SETS = {
    "1": 1,
    "2": 2,
    "3": 4,
    "b": registers.SIMPLE,
    "e": registers.SIMPLE | registers.ENHANCED,  # which has what simple billing has
    "t": registers.TARIFFS,
    "i": registers.INSTANTANEOUS,
    "l": registers.LOAD,
    "s": registers.INSTALLATION,
}
WIDTHS = {1: 3, 2: 6, 4: 2, 6: 2}  # of a data field: what makes another one of it


def aspects(name):
    """Yield (what, mark): all that must be proved of a register."""
    access, sets = TABLE[name][3:5]
    if "r" in access:
        yield "value", None
    for letter, what in (("w", "wide"), ("h", "stored")):
        if letter in sets:
            yield what, None
    if name in registertext.legacy():
        yield "legacy", None
    yield from (("command", letter) for letter in access if letter in COMMANDS)
    yield from (("sent", letter) for letter in sets if letter in SETS)


def cases(*wanted):
    """Yield (name, mark, words, module, function, table, row) of each row that proves such."""
    for name in TABLE:
        for what, mark in aspects(name):
            for proof in items.proofs(name, what, mark) if what in wanted else ():
                module = items.modules()[proof.file]
                words = module.PROVES[proof.function][0].split()
                for row in items.rows_for(getattr(module, proof.table), name, mark):
                    yield name, mark, words, module, proof.function, proof.table, row


def holds(case, monkeypatch):
    """Whether the test of a case passes with nothing but its row in the table."""
    _, _, _, module, function, table, row = case
    with monkeypatch.context() as patch:
        patch.setattr(module, table, (row,))
        try:
            getattr(module, function)()
        except (AssertionError, ValueError):  # or the value has no room there
            return False
    return True


def told(case):
    return case[0], case[4], case[6]


def changed(value):
    """Another value of the same kind."""
    if value is None:
        return 1
    if isinstance(value, int):
        return value + 1
    octets = bytearray(value)
    octets[-1] ^= 0x01  # not the length that a text begins with
    return octets


def missing(value):
    return 1 if value is None else None


def with_value(patch, case, fault):
    """Snapshots have another value of the case's register, now or stored."""
    name, words = case[0], case[2]
    sound = Snapshot.get

    def get(self, row, storage):
        value = sound(self, row, storage)
        if row != NUMBER[name] or (not storage and "stored" in words):
            return value
        return fault(value)

    patch.setattr(Snapshot, "get", get)


@contextmanager
def with_octet(name, vib, at, flip):
    """An octet of a register's DIB or VIB in every table there is, xor flip."""
    changes = []
    for table in registers._made.values():
        heads, dib_at, vib_at, end = table.parts(NUMBER[name])
        start, size = (vib_at, end - vib_at) if vib else (dib_at, vib_at - dib_at)
        if at < size:
            heads[start + at] ^= flip
            changes.append((heads, start + at))
    try:
        yield
    finally:
        for heads, place in changes:
            heads[place] ^= flip


def flips(case):
    """Yield (of the VIB, place, bits): what to change of the head of a case's register."""
    name, _, words, *_, row = case
    legacy = registertext.legacy() if "legacy" in words else {}
    dib = bytes.fromhex(legacy.get(name, TABLE[name][1:])[0])
    told, vib = items.columns(row)[2].split()[:2]
    width = WIDTHS.get(0x06 if "wide" in words else dib[0] & 0x0F)
    # A register without a value tells that without a data field.
    if width and told[:2] != "00":
        yield False, 0, width
    yield from ((False, at, 0x10) for at in range(len(dib)))
    yield from ((True, at, 0x01) for at in range(len(vib) // 2))


VALUES = ("value", "wide", "stored", "legacy", "scaled")


@pytest.fixture(scope="module", autouse=True)
def made():
    """Every kind of register table there is in the tests: the faults go into all of them."""
    for module in items.modules().values():
        for function in module.PROVES:
            getattr(module, function)()
    assert len(registers._made) > 3


def test_every_register_is_an_item_of_the_list():
    assert Counter(name for _, _, name in items.items()) == Counter(list(TABLE))


def test_every_command_of_the_list_is_one_that_a_register_takes():
    listed = Counter(
        (name, access) for _, access, names in items.COMMANDS for name in names.split()
    )
    taken = ((name, access) for name in TABLE for access in TABLE[name][3] if access in COMMANDS)
    assert listed == Counter(taken)


def test_everything_about_every_register_has_a_test():
    unproved = [
        (name, what, mark)
        for name in TABLE
        for what, mark in aspects(name)
        if not items.proofs(name, what, mark)
    ]
    assert unproved == []


def test_a_test_of_items_proves_what_it_says():
    for file, module in items.modules().items():
        tests = [name for name in vars(module) if name.startswith("test_")]
        assert sorted(module.PROVES) == sorted(tests), file
        for _, table in module.PROVES.values():
            assert {
                items.columns(row)[0] for row in getattr(module, table)
            } <= TABLE.keys() | SETS.keys()


def test_each_row_passes_by_itself(monkeypatch):
    all_of = (*VALUES, "command", "sent")
    assert [told(case) for case in cases(*all_of) if not holds(case, monkeypatch)] == []


@pytest.mark.parametrize("fault", [changed, missing])
def test_each_row_fails_with_another_value_or_none(monkeypatch, fault):
    unseen = []
    for case in cases(*VALUES):
        with monkeypatch.context() as patch:
            with_value(patch, case, fault)
            if holds(case, monkeypatch):
                unseen.append(told(case))
    assert unseen == []


def test_each_row_fails_with_another_dib_or_vib(monkeypatch):
    unseen = []
    for case in cases(*VALUES):
        for flip in flips(case):
            with with_octet(case[0], *flip):
                if holds(case, monkeypatch):
                    unseen.append((*told(case), *flip))
    assert unseen == []


def test_each_row_fails_when_its_register_is_left_out_of_the_set(monkeypatch):
    unseen = []
    sound = registers.Registers.flags
    for case in cases("sent"):
        name, mark = case[:2]

        def flags(self, row, number=NUMBER[name], bits=SETS[mark]):
            return sound(self, row) & ~bits if row == number else sound(self, row)

        with monkeypatch.context() as patch:
            patch.setattr(registers.Registers, "flags", flags)
            if holds(case, monkeypatch):
                unseen.append((mark, name))
    assert unseen == []


@contextmanager
def with_source(name, other):
    """A register has the source of another one in every table there is."""
    here, there = (slice(2 * n, 2 * n + 2) for n in (NUMBER[name], NUMBER[other]))
    tables = [table._sources for table in registers._made.values()]
    own = bytes(tables[0][here])
    for sources in tables:
        sources[here] = sources[there]
    try:
        yield
    finally:
        for sources in tables:
            sources[here] = own


def test_each_register_is_told_from_those_of_the_same_sort(monkeypatch):
    rows = {}
    for case in cases("value", "scaled"):
        rows.setdefault(case[0], []).append(case)
    unseen = []
    for name in rows.keys() - ALIKE:
        for other in TABLE:
            if other == name or TABLE[other][5][0] != TABLE[name][5][0]:
                continue
            with with_source(name, other):
                if all(holds(case, monkeypatch) for case in rows[name]):
                    unseen.append((name, other))
    assert unseen == []


def swallow(patch, nth):
    """The nth command from now on is acknowledged and does nothing; a list of those given."""
    given = []
    for method in ("obey", "clock"):
        sound = getattr(Commands, method)

        def obey(self, *args, sound=sound):
            given.append(args)
            return 0 if len(given) == nth else sound(self, *args)

        patch.setattr(Commands, method, obey)
    return given


def test_each_command_fails_when_it_is_acknowledged_and_not_obeyed(monkeypatch):
    unseen = []
    for case in cases("command"):
        with monkeypatch.context() as patch:
            given = swallow(patch, 0)
            assert holds(case, monkeypatch)
        with monkeypatch.context() as patch:
            swallow(patch, len(given))
            if holds(case, monkeypatch):
                unseen.append(told(case))
    assert unseen == []


def test_a_register_without_a_test_or_an_item_is_told(monkeypatch):
    module = items.modules()["test_items_standard"]
    rows = tuple(row for row in module.STANDARD if items.columns(row)[0] != "hours")
    monkeypatch.setattr(module, "STANDARD", rows)
    assert items.proofs("hours", "value") == []
    assert items.proofs("hours", "sent", "1") != []
    monkeypatch.setitem(TABLE, "new", ["new", "04", "FF70", "r", "-", "-", ""])
    assert items.proofs("new", "value") == []
    assert Counter(name for _, _, name in items.items()) != Counter(list(TABLE))


def test_the_tables_in_the_readme_are_those_of_the_registers_and_commands():
    text = items.README.read_text(encoding="utf-8")
    assert items.written(text) == text, "run tools/items.py --readme"
    assert items.written(text.replace("| `hours` | 04, 22 |", "| `hours` | 04, 23 |")) == text
