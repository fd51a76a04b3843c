# SPDX-License-Identifier: MIT
"""`make demo`'s program: what it shows, what it leaves behind, and that it can fail."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = os.environ.get("MICROPYTHON") or str(ROOT / ".venv/bin/micropython")
needs_micropython = pytest.mark.skipif(
    not os.access(ROOT / MICROPYTHON, os.X_OK), reason="there is no MicroPython for this machine"
)

# These differ from run to run, and with the MicroPython used.
_VARIES = re.compile(r"\d+\.\d\d s on the bus|access number \d+|\(name=.*|in \d+\.\d s")


def demo(**environment):
    """(exit code, what it printed, its process number)."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tools/demo.py")],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return process.communicate()[0], process.wait(), process.pid


def left_behind(pid):
    """Files and processes of the demo that had this process number."""
    name = "demo-%d-" % pid
    found = [str(path) for path in (ROOT / "build").glob(name + "*")]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if name.encode() in words:
            found.append(str(path))
    return found


def constant(line):
    """A line without blanks at its end, and without what varies."""
    return _VARIES.sub("", line.rstrip())


@needs_micropython
def test_the_demo_happens_as_the_readme_shows_it_and_leaves_nothing():
    out, code, pid = demo()
    assert code == 0, out
    printed = [constant(line) for line in out.splitlines()]
    shown = (ROOT / "README.md").read_text().split("<!-- demo -->\n```\n")[1].split("\n```")[0]
    at = 0
    for line in shown.splitlines():
        assert constant(line) in printed[at:], line
        at = printed.index(constant(line), at)
    assert out.count("name='micropython'") == 3
    assert left_behind(pid) == []


@needs_micropython
def test_the_demo_fails_where_the_meters_are_not_micropython():
    out, code, pid = demo(MICROPYTHON="/bin/false")
    assert code == 1
    assert "demo failed: meter 1 did not start" in out
    assert left_behind(pid) == []


def test_the_demo_says_what_is_missing_without_a_micropython():
    out, code, _ = demo(MICROPYTHON="/nonexistent/micropython")
    assert code == 1
    assert "there is no MicroPython at /nonexistent/micropython" in out
