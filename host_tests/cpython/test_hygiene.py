# SPDX-License-Identifier: MIT
"""What is in the repository belongs there, what it installs is pinned, and README tells the truth."""

import argparse
import os
import re
import subprocess
import tomllib

import pytest

from importgraph import ROOT
from mbusnode.cli import build_parser

# Names of one machine's folders and of the hosts of registries: neither is a project's
# business.  In two pieces each, or this file would hold them itself.
FORBIDDEN = tuple(
    first + second
    for first, second in (
        ("/wo", "rk/"),
        ("/tm", "p/scratch"),
        ("pypi.", "org"),
        ("registry.npm", "js"),
        ("files.python", "hosted"),
        ("deb.deb", "ian"),
        ("hel", "per session"),
    )
)
# The one folder outside that may be named, and the variable that must stand beside it.
OUTSIDE, VARIABLE = "../sha" + "red", "MBUS_CORPUS"

README = ROOT / "README.md"


def tracked():
    """The files that git knows."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("this is no clone: git ls-files says " + done.stderr.strip())
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def foreign(text):
    """What of a text does not belong into the repository."""
    found = [word for word in FORBIDDEN if word in text.lower()]
    lines = [line for line in text.splitlines() if OUTSIDE in line and VARIABLE not in line]
    return found + lines


def code(text):
    """The code of a Markdown text: its blocks, and what stands between backquotes."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.S | re.M)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", rest))


def make_targets(text):
    """The targets that a text tells people to make; variables and options aside."""
    calls = re.findall(r"(?:^|[\s$])make((?: +[A-Za-z][\w-]*(?![\w=-]))+)", text, re.M)
    return {target for call in calls for target in call.split()}


def subcommands(text):
    """The commands that a text gives behind mbus at the beginning of a line of code."""
    return set(re.findall(r"^(?:\$ )?(?:\S*\.venv/bin/)?mbus +([a-z]+)", text, re.M))


def pinned(line):
    """Whether a requirement names one version, with or without a marker behind it."""
    return re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+( *;.*)?", line.strip()) is not None


def test_no_tracked_file_names_foreign_places():
    found = {}
    for path in tracked():
        words = foreign(path.read_bytes().decode("utf-8", "replace"))
        if words:
            found[path.relative_to(ROOT).as_posix()] = words
    assert found == {}


def test_foreign_places_are_recognised():
    assert foreign("see " + FORBIDDEN[0] + "main") == [FORBIDDEN[0]]
    assert foreign("from " + FORBIDDEN[2].upper()) == [FORBIDDEN[2]]
    assert foreign("open(" + OUTSIDE + ")") == ["open(" + OUTSIDE + ")"]
    assert foreign(VARIABLE + " or " + OUTSIDE) == []


def test_every_requirement_is_pinned():
    files = sorted(ROOT.glob("requirements*.txt"))
    assert files
    for path in files:
        for line in path.read_text().splitlines():
            if line.strip() and not line.lstrip().startswith(("#", "-r")):
                assert pinned(line), (path.name, line)


def test_every_dependency_of_the_package_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    assert len(wanted) >= 3
    assert [line for line in wanted if not pinned(line)] == []


def test_a_range_of_versions_is_not_pinned():
    assert pinned("rich==15.0.0")
    assert pinned('rich==15.0.0 ; sys_platform == "linux"')
    for line in ("rich", "rich>=15", "rich==15.*", "rich~=15.0", "rich==15, <16"):
        assert not pinned(line), line


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "CHANGELOG.md"])
def test_a_file_that_people_look_for_is_there(name):
    assert (ROOT / name).read_text().strip()


def test_the_targets_that_readme_names_exist():
    known = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.M))
    assert {"venv", "demo", "test", "lint", "bench", "size"} <= known
    assert make_targets(code(README.read_text())) <= known


def test_the_commands_that_readme_names_exist():
    actions = build_parser()._actions
    known = next(a.choices for a in actions if isinstance(a, argparse._SubParsersAction))
    assert "decode" in known
    assert subcommands(code(README.read_text())) == set(known)


def test_targets_and_commands_are_found_in_code_only():
    text = "We make sure.\n\n```\n$ make demo\nmake test MICROPYTHON=/x\n```\nOr `make bench`.\n"
    assert make_targets(code(text)) == {"demo", "test", "bench"}
    text = "mbus is\n```sh\n$ .venv/bin/mbus read 1\n  mbus: stopped\n```\n`mbus scan` and `x`\n"
    assert subcommands(code(text)) == {"read", "scan"}


def test_the_check_of_every_change_runs_the_tests():
    check = ROOT / ".ci" / "run"
    assert os.access(check, os.X_OK)
    assert re.search(r"^(exec )?make( .*)? test\b|^(exec )?make test\b", check.read_text(), re.M)
