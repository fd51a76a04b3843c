# SPDX-License-Identifier: MIT
"""How much flash and heap the firmware takes, against the targets; exit code 1 if one is missed.

Flash: octets of .mpy, as mpy-cross -O3 makes them, per file and per role.  Heap: what stays
taken after the imports of a role, and whether any telegram of 261 octets can be decoded in a
heap of 128 kB with everything that has to be imported, measured on MicroPython for the PC (64
bits: a microcontroller takes about half as much).
"""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

from dist import compile_file, text_of
from importgraph import ROOT, firmware_files, graph, loaded
from mbusnode.failure import Failure

sys.path.insert(0, str(ROOT / "host_tests"))

from mutants import corpus

BUILD = ROOT / "build" / "size"
HEAP = 128
MODULE_HEAP = 384  # of the whole module; 64 bits take about twice as much as 32
SLAVE = ("mbus.link", "mbus.slave")
MASTER = ("mbus.exchange", "mbus.vif")
MODULE = ("node.boot", "node.start")
READER = ("mbus.exchange", "mbus.decode")
# Octets of .mpy of firmware/mbus by role, as it is loaded.  What a role loads only when it is
# asked for (a search, meters of the fixed data structure, words for people) is not in it.
TARGETS = (
    ("slave", SLAVE, 16384),
    ("slave and master, VIF names", SLAVE + MASTER, 28672),
    ("the same, values decoded", SLAVE + READER, None),
)

# One thing that was measured: met is None where nothing is to be met.
Finding = namedtuple("Finding", "what amount target met")


class SizeError(Exception):
    """Something needed is missing, or failed; the text is for people."""


def run(command, **more):
    """The standard output of a program."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise SizeError("%s failed:\n%s" % (command[0], (done.stdout + done.stderr).strip()))
    return done.stdout


def compile_all(folder=BUILD) -> dict:
    """Compile the whole firmware into a folder; {dotted name: octets of .mpy}."""
    shutil.rmtree(folder, ignore_errors=True)
    sizes = {}
    for name, path in firmware_files().items():
        relative = path.relative_to(ROOT / "firmware")
        out = (folder / relative).with_suffix(".mpy")
        compile_file(text_of(name), name, out)
        sizes[name] = out.stat().st_size
    return sizes


def protocol_files(roots, edges) -> list:
    """The files of firmware/mbus that a role loads."""
    return [name for name in loaded(roots, edges) if name.split(".")[0] == "mbus"]


def flash(sizes, edges) -> list:
    """The findings on .mpy."""
    findings = []
    for role, roots, target in TARGETS:
        octets = sum(sizes[name] for name in protocol_files(roots, edges))
        findings.append(
            Finding(".mpy of mbus, " + role, octets, target, octets <= target if target else None)
        )
    module = sum(sizes[name] for name in loaded(MODULE, edges))
    findings.append(Finding(".mpy of the module, port aside", module, None, None))
    return findings


def micropython() -> str:
    """The path of a MicroPython for the PC."""
    named = os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
    found = shutil.which(named)
    if not found:
        raise SizeError("no MicroPython at %s: make size MICROPYTHON=/path/to/micropython" % named)
    return found


def probe(folder, *arguments, heap=HEAP, octets=()) -> list:
    """The words heapprobe.py prints, in a heap of so many kB, on the firmware in a folder."""
    lines = "".join(telegram.hex() + "\n" for telegram in octets)
    return run(
        [micropython(), "-X", "heapsize=%dk" % heap, ROOT / "tools/heapprobe.py", *arguments],
        env=dict(os.environ, MICROPYPATH="%s:%s:.frozen" % (folder, ROOT / "boards/desk")),
        input=lines,
    ).split()


def long_frame(ci, data) -> bytes:
    """An RSP_UD, filled up with 2F to the 261 octets that a frame may have."""
    body = bytes((0x08, 0x01, ci)) + data + b"\x2f" * (252 - len(data))
    return b"\x68\xff\xff\x68" + body + bytes((sum(body) & 0xFF, 0x16))


def filled(record, header=True) -> bytes:
    """A telegram with as many of these records as fit."""
    head = bytes.fromhex("785634122430010455000000") if header else b""
    return long_frame(0x72 if header else 0x78, head + record * ((252 - len(head)) // len(record)))


def hardest() -> dict:
    """{what it is: a telegram of 261 octets}: each asks much of the decoder in another way."""
    vife = b"\xce" * 9 + b"\x4e"  # begin of last upper limit exceed
    durations = b"\xde" * 9 + b"\x5e"
    return {
        "120 records of 2 octets": filled(b"\x00\x03"),
        "126 records of 2 octets, no header": filled(b"\x00\x03", header=False),
        "records of 4 octets, 10 VIFE": filled(b"\x04\x83" + vife + b"\x12\x34\x56\x78"),
        "records of 4 octets, 10 VIFE of durations": filled(b"\x04\x83" + durations + b"\1\2\3\4"),
        "records of 4 octets, 10 DIFE": filled(b"\x84" + b"\xff" * 9 + b"\x7f\x03\1\2\3\4"),
        "manufacturer's VIF, 10 VIFE": filled(b"\x02\xff" + b"\xaa" * 9 + b"\x2a\x01\x02"),
        "plain text for a unit": filled(b"\x02\x7c\x1f" + b"Abcdefghij" * 3 + b"K\x01\x02"),
        "real numbers": filled(b"\x05\x2b\x01\x00\x00\x00"),
        "one text of 191 characters": filled(b"\x0d\x78\xbf" + b"x" * 191),
        "one number of 64 octets": filled(b"\x0d\x78\xf6" + b"\x7f" * 64),
    }


def decoded(folder, octets, heap=HEAP) -> bool:
    """Whether the telegrams can be decoded in a heap of so many kB, import included."""
    try:
        return int(probe(folder, "decode", heap=heap, octets=octets)[0]) == len(octets)
    except SizeError as e:
        if "MemoryError" in str(e) or "memory allocation failed" in str(e):
            return False
        raise


def smallest_heap(folder, octets) -> int:
    """The least heap in kB, in steps of 2, in which each telegram can be decoded by itself."""
    low, high = 0, HEAP
    while high - low > 2:
        middle = (low + high) // 4 * 2
        if all(decoded(folder, [telegram], middle) for telegram in octets):
            high = middle
        else:
            low = middle
    return high


def heap() -> list:
    """The findings on heap, on MicroPython."""
    findings = []
    for role, names in (("module", [*MODULE, "port.unix"]), ("reader", list(READER))):
        amount = int(probe(BUILD, "import", *names, heap=MODULE_HEAP)[0])
        findings.append(Finding("heap after import, " + role, amount, None, None))
    findings += exchanges(ROOT / "firmware")
    telegrams = hardest()
    for kind, folder in ((".mpy", BUILD), ("source", ROOT / "firmware")):
        for what, telegram in telegrams.items():
            findings.append(free_heap("%s: %s" % (kind, what), folder, [telegram]))
        rows = [bytes.fromhex(row["hex"]) for row in corpus("telegrams.json")]
        if rows:
            what = "%s: %d telegrams of the corpus" % (kind, len(rows))
            findings.append(free_heap(what, folder, rows))
        needed = smallest_heap(folder, list(telegrams.values()))
        findings.append(Finding(kind + ": kB of heap that these need", needed, HEAP, True))
    return findings


def exchanges(folder) -> list:
    """The findings on the heap that a module takes for one exchange, by mode of encryption."""
    findings = []
    for mode, name in ((0, "clear"), (5, "mode 5"), (7, "mode 7")):
        amounts = probe(folder, "exchange", str(mode), heap=MODULE_HEAP)
        for what, amount in zip(("read-out", "command"), amounts, strict=True):
            row = "heap taken by an exchange: %s, %s" % (what, name)
            findings.append(Finding(row, int(amount), None, None))
    return findings


def free_heap(what, folder, octets) -> Finding:
    """Decode in 128 kB, and once more for the least octets of heap that were free meanwhile."""
    if not decoded(folder, octets):
        return Finding(what, 0, None, False)
    return Finding(what, int(probe(folder, "watch", octets=octets)[3]), None, True)


def show(findings):
    """Print findings as lines."""
    for what, amount, target, met in findings:
        verdict = "" if met is None else "ok" if met else "MISSED"
        limit = "of %d" % target if target else ""
        print("%-58s %7d  %-9s %s" % (what, amount, limit, verdict))


def main() -> int:
    """Measure, print, judge."""
    try:
        micropython()
        sizes, edges = compile_all(), graph(inner=False)
        roles = [set(protocol_files(roots, edges)) for _, roots, _ in TARGETS]
        print("Octets of .mpy (mpy-cross -O3); loaded by s: slave, m: master, d: to decode values")
        for name, octets in sizes.items():
            marks = "".join(mark for mark, role in zip("smd", roles, strict=True) if name in role)
            print("  %-20s %6d  %s" % (name, octets, marks))
        print()
        flash_findings = flash(sizes, edges)
        show(flash_findings)
        print("\nHeap of %d kB on MicroPython, 64 bits; telegrams: octets free at least" % HEAP)
        heap_findings = heap()
        show(heap_findings)
    except (Failure, SizeError) as e:
        print("size: %s" % e, file=sys.stderr)
        return 1
    if corpus_absent():
        print("the corpus is absent (MBUS_CORPUS): only the telegrams made here were decoded")
    missed = [f.what for f in flash_findings + heap_findings if f.met is False]
    print("\n" + ("missed: " + "; ".join(missed) if missed else "every target is met"))
    return 1 if missed else 0


def corpus_absent() -> bool:
    """Whether there are no real telegrams here."""
    return next(iter(corpus("telegrams.json")), None) is None


if __name__ == "__main__":
    sys.exit(main())
