# SPDX-License-Identifier: MIT
"""The source that a device gets: constants in place, names shortened, nothing else changed."""

import ast
import importlib
import symtable

import pytest

import dist
import inlining
from rolefiles import MADE, device_files
from shortening import shortened

ON_PC = [name for name in device_files() if not name.startswith("port.") and name not in MADE]


def texts():
    return dist._texts()


@pytest.mark.parametrize("name", ON_PC)
def test_a_constant_is_what_the_file_says_when_it_runs(name):
    pytest.importorskip("board") if name in ("node.boot", "reader.boot") else None
    module = importlib.import_module(name)
    source = inlining.sources()[name]
    for own in source.fixed:
        value = inlining._constant(source, own)
        if value is not None:
            assert getattr(module, own) == value, own


def test_constants_are_found_where_they_are_public_private_and_handed_on():
    constant, sources = inlining._constant, inlining.sources()
    assert constant(sources["mbus.frame"], "ACK") == 0xE5
    assert constant(sources["mbus.secured"], "_WINDOW_5") == 1 << 23
    assert constant(sources["node.guard"], "_CI_AT") == 6
    assert constant(sources["mbus.slave"], "DATA") == 7
    assert constant(sources["mbus.slave"], "Slave") is None


def source_of(tmp_path, text):
    path = tmp_path / "file.py"
    path.write_text(text)
    return inlining.Source("mbus.file", path)


@pytest.mark.parametrize(
    "text",
    [
        "A = 1\nA = 2\n",
        "A = 1\ndef f(A):\n    return A\n",
        "A = 1\ndef f():\n    A = 2\n    return A\n",
        "A = 1\nclass C:\n    A = 2\n    b = A\n",
        "A = 1\ntry:\n    pass\nexcept OSError as A:\n    pass\n",
        "A = 1\nfor A in ():\n    pass\n",
        "A = int(1)\n",
        "A = True\n",
        "A = 1 / 2\n",
        "if A:\n    A = 1\n",
    ],
)
def test_what_may_be_two_things_or_no_integer_stays(tmp_path, text):
    assert inlining._constant(source_of(tmp_path, text), "A") is None


def test_an_imported_name_with_two_meanings_stays_and_so_does_its_file(tmp_path):
    source = source_of(tmp_path, "from .frame import ACK\ndef f(ACK):\n    return ACK\n")
    assert "ACK" not in source.imported
    assert source.computed == {"mbus.frame"}
    source = source_of(tmp_path, "from mbus import frame\nx = getattr(frame, 'A' + 'CK')\n")
    assert source.computed == {"mbus.frame"}


def test_no_line_moves():
    for name, text in texts().items():
        if name not in MADE:
            source = inlining.sources()[name].text
            assert text.count("\n") == source.count("\n"), name
            functions = [
                [
                    (n.lineno, n.name)
                    for n in ast.walk(ast.parse(t))
                    if isinstance(n, ast.FunctionDef)
                ]
                for t in (source, text)
            ]
            assert functions[0] == functions[1], name


def bound(text):
    """The names at the top of a file."""
    return {s.get_name() for s in symtable.symtable(text, "", "exec").get_symbols() if bound_by(s)}


def bound_by(symbol):
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def tables(table):
    yield table
    for child in table.get_children():
        yield from tables(child)


def unresolved(text):
    """The names that a file uses and nobody in it binds: builtins, and the words of PIO."""
    known = bound(text)
    found = set()
    for table in tables(symtable.symtable(text, "", "exec")):
        for symbol in table.get_symbols():
            top = table.get_type() == "module" and not bound_by(symbol)
            if symbol.is_referenced() and (symbol.is_global() or top):
                found.add(symbol.get_name())
    return found - known


def test_every_name_still_stands_for_something():
    for name, text in texts().items():
        if name not in MADE:
            assert unresolved(text) == unresolved(inlining.sources()[name].text), name


def test_what_is_imported_is_there():
    known = {name: bound(text) for name, text in texts().items()}
    for name, text in texts().items():
        source = inlining.sources()[name]
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    file, there = source.imported.get(alias.asname or alias.name, (None, None))
                    assert not there or file not in known or there in known[file], (name, there)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                file, there = source.imported.get(node.value.id, (None, ""))
                if there is None and file in known:
                    inner = file + "." + node.attr in known
                    assert inner or node.attr in known[file], (name, node.attr)


def test_a_function_has_as_many_names_as_before():
    before = {n: inlining.inlined(n) for n in device_files() if n not in MADE}
    after = shortened(before)
    for name, text in before.items():
        rows = [
            [
                (t.get_name(), t.get_lineno(), len(t.get_symbols()))
                for t in tables(symtable.symtable(each, name, "exec"))
            ]
            for each in (text, after[name])
        ]
        assert rows[0] == rows[1], name


def test_shortened_are_parameters_and_private_names_of_one_file():
    text = texts()["node.module"]
    assert "_ahead" in inlining.inlined("node.module") and "_ahead" not in text
    assert "self._registers" in text, "others have that name too"
    for name in ("_judge", "_open", "_obey", "_fail"):
        assert "def %s(" % name in texts()["node.guard"]


TWO = {
    "mbus.link": "class SlaveLink:\n    def __init__(self, stream, rate):\n"
    "        self._one = stream\n        self._both = rate\n        self.make(value=rate)\n",
    "mbus.autobaud": "from .link import SlaveLink\nclass Other(SlaveLink):\n"
    "    def make(self, value):\n        self._two = value\n        return self._both\n",
    "mbus.echo": "class Echo:\n    def __init__(self, stream):\n        self._three = stream\n",
}


def test_objects_of_two_files_get_no_name_twice():
    short = shortened(TWO)
    names = [
        {n.attr for n in ast.walk(ast.parse(short[name])) if isinstance(n, ast.Attribute)}
        for name in TWO
    ]
    assert "_both" in names[0] and "_both" in names[1]
    assert {len(n) for n in names} == {3, 2, 1}
    own = [n - {"_both", "make"} for n in names]
    assert not own[0] & own[1]
    assert own[2] < own[0] | own[1]
    assert "def make(self, value)" in short["mbus.autobaud"]
    assert "stream" not in short["mbus.link"] + short["mbus.echo"]
