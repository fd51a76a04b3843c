# SPDX-License-Identifier: MIT
"""Run test files under MicroPython: `micropython -X heapsize=384k host_tests/run.py test_frame.py`.

Imports each file named and calls every test_* function in it.  A file that cannot be
imported counts as a failure; a test that raises helpers.SkipTest is counted apart, with
its reason.  One closing line a file, which tools/run_tests.py reads.
"""

import gc
import sys

# Collect before what compiling leaves behind lies all over the small heap: the octets in a
# row that the next import needs would be missing while half of the heap is free.
gc.threshold(4096)


def run_test(name, test):
    """None when the test passed, its reason when it was skipped, False when it failed."""
    gc.collect()
    try:
        test()
    except Exception as e:
        if type(e).__name__ == "SkipTest":
            print("SKIPPED", name, str(e))
            return str(e) or "no reason given"
        print("FAILED", name)
        sys.print_exception(e)
        return False
    return None


def run_file(file):
    """Run one test file; True when nothing in it failed."""
    try:
        module = __import__(file[:-3])
    except Exception as e:
        print("FAILED to import", file)
        sys.print_exception(e)
        print("%s: 0 passed, 1 failed, 0 skipped" % file)
        return False
    passed = failed = skipped = 0
    for name in sorted(dir(module)):
        if name.startswith("test_"):
            result = run_test(name, getattr(module, name))
            passed += result is None
            failed += result is False
            skipped += isinstance(result, str)
    print("%s: %d passed, %d failed, %d skipped" % (file, passed, failed, skipped))
    return passed + skipped > 0 and not failed


if __name__ == "__main__":
    # As main.py does: what compiling leaves behind does not split the small heap into pieces.
    gc.threshold(4096)
    results = [run_file(file) for file in sys.argv[1:]]
    sys.exit(0 if results and all(results) else 1)
