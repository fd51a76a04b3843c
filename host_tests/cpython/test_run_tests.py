# SPDX-License-Identifier: MIT
"""The two runs of the tests: nothing that did not run, or ran once only, passes for a success."""

import os
import shutil
import sys
from pathlib import Path

import pytest

import run_tests
from run_tests import Count, differences, read_results, run_micropython

HEAD = '# SPDX-License-Identifier: MIT\n"""A test file."""\n'


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with only run.py in it; called with a text, it adds that as a test file."""
    tests = tmp_path / "host_tests"
    tests.mkdir()
    shutil.copy(run_tests.ROOT / "host_tests" / "run.py", tests)
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)

    def add(text, name="test_it.py"):
        (tests / name).write_text(HEAD + text)
        return name

    return add


@pytest.fixture
def micropython():
    """The MicroPython of this environment, or the one that MICROPYTHON names."""
    beside = str(Path(sys.executable).parent / "micropython")
    found = shutil.which(os.environ.get("MICROPYTHON") or beside)
    if not found:
        pytest.skip("no MicroPython here: MICROPYTHON=path names one")
    return found


def numbers(count):
    return count.passed, count.failed, count.skipped


def test_passed_failed_and_skipped_tests_are_counted(project, micropython):
    file = project(
        "class SkipTest(Exception): pass\n"
        "def test_one(): pass\n"
        "def test_two(): assert not 'so'\n"
        "def test_three(): raise SkipTest('nothing to read')\n"
        "def helper(): assert False\n"
    )
    count, text = run_micropython(micropython, file)
    assert numbers(count) == (1, 1, 1)
    assert "FAILED test_two" in text
    assert "AssertionError" in text
    assert "SKIPPED test_three nothing to read" in text


def test_a_file_that_cannot_be_imported_fails(project, micropython):
    count, text = run_micropython(micropython, project("import nothing_of_that_name\n"))
    assert numbers(count) == (0, 1, 0)
    assert "nothing_of_that_name" in text


def test_a_file_without_tests_fails(project, micropython):
    count, _ = run_micropython(micropython, project("x = 1\n"))
    assert numbers(count) == (0, 1, 0)


def test_an_interpreter_that_ends_early_fails(project, micropython):
    file = project("import sys\ndef test_one(): pass\ndef test_two(): sys.exit(0)\n")
    count, text = run_micropython(micropython, file)
    assert count.failed == 1
    assert "uncounted" in text


def test_the_heap_is_as_small_as_said(project, micropython):
    file = project("def test_one(): assert bytearray(400 * 1024)\n")
    count, text = run_micropython(micropython, file)
    assert count.failed == 1
    assert "MemoryError" in text


def test_a_difference_between_the_runtimes_is_told():
    cpython = {"a": Count(3), "b": Count(2, 0, 1), "c": Count(1)}
    assert list(differences(cpython, {"a": Count(3)})) == []
    assert len(list(differences(cpython, {"a": Count(2)}))) == 1
    assert len(list(differences(cpython, {"b": Count(3)}))) == 1
    assert len(list(differences(cpython, {"d": Count(1)}))) == 1


def test_every_kind_of_result_of_pytest_is_counted(tmp_path, monkeypatch):
    results = tmp_path / "cpython.xml"
    results.write_text(
        "<testsuites><testsuite>"
        '<testcase file="a"/><testcase file="a"><failure/></testcase>'
        '<testcase file="a"><error/></testcase><testcase file="b"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )
    monkeypatch.setattr(run_tests, "_RESULTS", results)
    counts = read_results()
    assert {file: numbers(count) for file, count in counts.items()} == {
        "a": (1, 2, 0),
        "b": (0, 0, 1),
    }


@pytest.mark.parametrize(
    ("code", "cpython", "micropython", "closing", "exit_code"),
    [
        (0, Count(2), Count(2), "4 passed, 0 failed", 0),
        (0, Count(2), Count(1), "3 passed, 1 failed", 1),
        (1, Count(1, 1), Count(2), "3 passed, 1 failed", 1),
        (1, Count(2), Count(1, 1), "3 passed, 2 failed", 1),
        (3, Count(2), Count(2), "4 passed, 1 failed", 1),
    ],
)
def test_the_last_line_counts_both_runtimes(
    monkeypatch, capsys, code, cpython, micropython, closing, exit_code
):
    monkeypatch.setattr(sys, "argv", ["run_tests.py"])
    monkeypatch.setattr(run_tests, "run_pytest", lambda *_: (code, {"a": cpython}))
    monkeypatch.setattr(run_tests, "run_all_on_micropython", lambda: {"a": micropython})
    assert run_tests.main() == exit_code
    assert capsys.readouterr().out.splitlines()[-1] == closing


def test_without_micropython_the_text_says_what_to_do(project, monkeypatch):
    monkeypatch.setenv("MICROPYTHON", "/no/such/micropython")
    with pytest.raises(SystemExit) as stopped:
        run_tests.find_micropython()
    assert "/no/such/micropython" in str(stopped.value)
    assert "MICROPYTHON=path" in str(stopped.value)
