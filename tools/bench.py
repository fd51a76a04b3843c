# SPDX-License-Identifier: MIT
"""Telegrams a second, decoded to JSON: this project beside pyMeterBus, in one run.

Both decode the same telegrams, those that both accept, turn by turn for several rounds; the
median of the rounds counts.  Exit code 1 where ours is not at least 5 times as fast.
"""

import logging
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path

import meterbus
from meterbus.exceptions import MBusError

from mbusnode.report import Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "host_tests"))

from mutants import bases, corpus

TARGET = 5
ROUNDS = 9
ROUND_S = 0.3

# What pyMeterBus raises on telegrams that it does not know.
_REFUSALS = (MBusError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def ours(octets: bytes) -> str:
    """A telegram as JSON, by this project."""
    return Report.of_octets(octets).json()


def theirs(octets: bytes) -> str:
    """A telegram as JSON, by pyMeterBus."""
    return meterbus.load(octets).to_JSON()


def telegrams() -> list:
    """(name, octets) of the corpus; where it is absent, of the telegrams of the tests."""
    rows = [(row["name"], bytes.fromhex(row["hex"])) for row in corpus("telegrams.json")]
    return rows or [("telegram %d" % i, octets) for i, octets in enumerate(bases(), 1)]


def refusal(octets: bytes):
    """Why a telegram is left out, or None where both decoders accept it."""
    report = Report.of_octets(octets)
    if report.errors:
        return "ours: " + "; ".join(report.errors)
    try:
        theirs(octets)
    except _REFUSALS as e:
        return "pyMeterBus: %s %s" % (type(e).__name__, " ".join(map(str, e.args)))
    return None


def seconds(decode, octets, times=1) -> float:
    """How long it takes to decode all of them so many times."""
    start = time.perf_counter()
    for _ in range(times):
        for telegram in octets:
            decode(telegram)
    return time.perf_counter() - start


def rates(octets, rounds=ROUNDS, round_s=ROUND_S) -> dict:
    """{decoder: telegrams a second in each round}; the decoders take turns."""
    times = {decode: max(1, int(round_s / seconds(decode, octets))) for decode in (ours, theirs)}
    found = {ours: [], theirs: []}
    for _ in range(rounds):
        for decode, n in times.items():
            found[decode].append(n * len(octets) / seconds(decode, octets, n))
    return found


def show(found, first):
    """Print the rates as a table."""
    row = "%-28s %10.0f %10.0f %10.0f"
    print("\n%-28s %10s %10s %10s" % ("telegrams a second", "median", "least", "most"))
    label = "pyMeterBus " + version("pyMeterBus")
    for name, rounds in (("mbus-node", found[ours]), (label, found[theirs])):
        print(row % (name, statistics.median(rounds), min(rounds), max(rounds)))
    print("%-28s %10.0f" % ("mbus-node, first time round", first))


def main() -> int:
    """Measure, print, judge."""
    logging.disable(logging.CRITICAL)  # pyMeterBus logs what it does not know, at a price
    rows = telegrams()
    # Ours keeps what the heads of records mean: the first time round it knows none of them.
    first = len(rows) / seconds(ours, [octets for _, octets in rows])
    left_out = {name: why for name, octets in rows if (why := refusal(octets))}
    both = [octets for name, octets in rows if name not in left_out]
    if not any(corpus("telegrams.json")):
        print("The corpus is absent (MBUS_CORPUS): these are the telegrams of the tests.")
    print("%d of %d telegrams, decoded to JSON by both" % (len(both), len(rows)))
    for name, why in left_out.items():
        print("  left out: %s (%s)" % (name, why))
    found = rates(both)
    show(found, first)
    # Round by round, for what else the machine does changes from one to the next.
    ratio = statistics.median(a / b for a, b in zip(found[ours], found[theirs], strict=True))
    met = ratio >= TARGET
    print("\n%.1f times as fast; target %d: %s" % (ratio, TARGET, "met" if met else "MISSED"))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
