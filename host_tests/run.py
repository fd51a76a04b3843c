# SPDX-License-Identifier: MIT
"""The common tests on MicroPython, each file in an interpreter and a heap of its own.

On CPython: starts MicroPython for every host_tests/test_*.py and holds the number of tests
that ran against the number pytest finds there.  On MicroPython: runs the files it is given.
"""

import os
import sys

HEAP = "128k"


def run_file(name):
    """Run every test of one file on this interpreter; returns (passed, failed)."""
    module = __import__(name)
    passed = failed = 0
    for test in sorted(dir(module)):
        if test.startswith("test_"):
            try:
                getattr(module, test)()
                passed += 1
            except Exception as e:
                failed += 1
                print(name + "." + test)
                sys.print_exception(e)
    return passed, failed


def on_micropython(names):
    """Run the files named; the last line says how it went."""
    total = [0, 0]
    for name in names:
        for i, n in enumerate(run_file(name.split("/")[-1].split(".")[0])):
            total[i] += n
    print("%d passed, %d failed" % tuple(total))
    sys.exit(1 if total[1] else 0)


def collected(root):
    """How many tests pytest finds in each common file."""
    import collections
    import subprocess

    out = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "--ignore=host_tests/cpython"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if out.returncode:
        sys.exit("pytest cannot collect the common tests:\n" + out.stdout + out.stderr)
    counts = collections.Counter()
    for line in out.stdout.splitlines():
        if "::" in line:
            counts[line.split("::")[0].split("/")[-1]] += 1
    return counts


def run_one(micropython, root, name):
    """Run one file under MicroPython; returns (name, passed, failed, output)."""
    import subprocess

    paths = ["firmware", "host_tests", "boards/desk", ".frozen"]
    out = subprocess.run(
        [micropython, "-X", "heapsize=" + HEAP, "host_tests/run.py", name],
        cwd=root,
        env=dict(os.environ, MICROPYPATH=":".join(paths)),
        capture_output=True,
        text=True,
        check=False,
    )
    words = out.stdout.strip().splitlines()[-1:] or [""]
    words = words[0].split()
    if len(words) == 4 and words[1] == "passed," and words[3] == "failed":
        return name, int(words[0]), int(words[2]), out.stdout
    return name, 0, 1, out.stdout + out.stderr


def on_cpython(names):
    """Run all common files, or those named, on MicroPython; returns the exit code."""
    import shutil
    from concurrent.futures import ThreadPoolExecutor

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    micropython = os.environ.get("MICROPYTHON") or os.path.join(root, ".venv/bin/micropython")
    if not shutil.which(micropython):
        print("no MicroPython at %s: make test MICROPYTHON=/path/to/micropython" % micropython)
        return 1
    expected = collected(root)
    names = [os.path.basename(name) for name in names] or sorted(expected)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda name: run_one(micropython, root, name), names))
    bad = 0
    for name, passed, failed, output in results:
        if failed or passed != expected[name]:
            bad += 1
            print(output)
            print("%s: %d of %d tests passed" % (name, passed, expected[name]))
    passed = sum(result[1] for result in results)
    total = sum(expected[name] for name in names)
    print("MicroPython, heap %s: %d of %d common tests passed" % (HEAP, passed, total))
    return 1 if bad or not total else 0


if __name__ == "__main__":
    if sys.implementation.name == "micropython":
        on_micropython(sys.argv[1:])
    else:
        sys.exit(on_cpython(sys.argv[1:]))
