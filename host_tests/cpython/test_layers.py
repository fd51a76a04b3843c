# SPDX-License-Identifier: MIT
"""The firmware holds to its layers (layers.py) and to the dialect of both runtimes."""

import ast

import pytest
from layers import LAYERS, MASTER_ONLY, MODULE, RESERVED, UNUSED, markdown

from importgraph import firmware_files, graph, loaded

FILES = firmware_files()
GRAPH = graph()
ROWS = {name: (ours.split(), runtime.split()) for name, ours, runtime in LAYERS}
each_file = pytest.mark.parametrize("name", sorted(FILES))


def nodes(name):
    """Every node of the syntax of a file."""
    return ast.walk(ast.parse(FILES[name].read_text(encoding="utf-8")))


def caught(handler):
    """The names of what an except clause catches; a bare one catches everything."""
    if handler.type is None:
        return ["BaseException"]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [ast.unparse(kind) for kind in kinds]


def test_every_file_stands_in_the_table_and_every_row_is_a_file():
    assert sorted(ROWS) == sorted(FILES)
    assert len(ROWS) == len(LAYERS)


def test_a_row_names_only_what_stands_above_it():
    seen = set()
    for name, (ours, _) in ROWS.items():
        assert set(ours) <= seen, name
        seen.add(name)


@each_file
def test_a_file_imports_what_its_row_allows(name):
    ours, runtime = ROWS[name]
    assert {i for i in GRAPH[name] if i in FILES} <= set(ours)
    others = {i.split(".")[0] for i in GRAPH[name] if i not in FILES}
    assert runtime == ["*"] or others <= set(runtime)


@each_file
def test_reserved_modules_are_imported_in_their_place_only(name):
    for imported in GRAPH[name]:
        assert imported not in UNUSED
        places = RESERVED.get(imported, (name,))
        assert any(name == p or (p[-1] == "." and name.startswith(p)) for p in places), imported


def test_a_module_loads_nothing_of_a_master():
    names = [name for name in FILES if name in MODULE or name.startswith("node")]
    assert set(MODULE) <= set(names)
    assert set(FILES) >= MASTER_ONLY
    for name in names:
        assert not MASTER_ONLY & set(loaded([name], GRAPH)), name


def test_what_is_loaded_is_followed_through_other_files_and_packages():
    edges = {"a": {"p.b", "sys"}, "p": {"c"}, "p.b": set(), "c": {"a"}, "d": set()}
    assert loaded(["a"], edges) == ["a", "c", "p", "p.b"]


@each_file
def test_only_the_boot_prints(name):
    used = {node.id for node in nodes(name) if isinstance(node, ast.Name)}
    assert name in ("node.boot", "node.start", "reader.boot") or "print" not in used


@each_file
def test_no_handler_catches_everything_but_the_one_that_keeps_crashes(name):
    lines = []
    for node in nodes(name):
        if isinstance(node, ast.ExceptHandler) and {"Exception", "BaseException"} & set(
            caught(node)
        ):
            lines.append(node.lineno)
    assert len(lines) == (name == "node.boot"), lines


def test_the_table_can_be_printed():
    lines = markdown().splitlines()
    assert len(lines) == len(LAYERS) + 2
    assert "| `mbus.echo` | mbus.timing | micropython |" in lines
