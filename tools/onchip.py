# SPDX-License-Identifier: MIT
"""`make chip UF2=path [FULL=1]`: our module on an emulated Pico, measured in emulated time.

Boots a stock MicroPython 1.28 for RPI_PICO with the module in its file system, and asks it as
a master does while pulses come and are saved.  The figures go to build/chip.json and a table;
exit code 1 where something is not as it must be.
"""

import argparse
import json
import os
import platform
import re
import sys
import time
from functools import partial
from pathlib import Path

from chiptable import faults, into_readme, table
from importgraph import ROOT

RESULTS = ROOT / "build" / "chip.json"
HELP = """\
an image of MicroPython 1.28 for RPI_PICO is needed, as UF2=path: it is to be had from the
download page of micropython.org, board RPI_PICO; on a connected machine `make chip FETCH=1`
lets rp2040py bring it"""
VERSION = "1.28.0"
# Reads for each rate, and pulses meanwhile; of a full run only at the fastest.
READS = {300: 100, 2400: 100, 9600: 100}
FULL_READS = {300: 100, 2400: 300, 9600: 1000}
# At 300 baud both telegrams take 18 s, at 2400 more than 2: so many of the reads there are of
# both, unless in a full run, and the others of one register.
WHOLE = {300: 2, 2400: 40}
PART_READS = 250
PULSES, FULL_PULSES = 1000, 10_000
CUTS, FULL_CUTS = 2, 12
ENCRYPTED, FULL_ENCRYPTED = 6, 200


def fetched() -> str:
    """The image as rp2040py brings it; OSError where it cannot."""
    from rp2040py.utils.firmware_retrieve import MICROPYTHON, retrieve

    path = retrieve(MICROPYTHON, VERSION)
    if path is None:
        raise OSError("it is not there")
    return str(path)


def started(image, chip_device):
    """A booted device, and how it came up."""
    device = chip_device.Device(image)
    alive = device.boot()
    at_ms = device.pico.now_us / 1e3
    bus = device.bus
    bus.run(bus.master.reset(5))
    heap = re.search(r"heap=(\d+) of (\d+)", alive)
    return device, {
        "checks": 1,
        "wrong": [] if bus.replies[-1].begin_us else ["no answer after the start"],
        "alive": alive,
        "alive_ms": round(at_ms),
        "first_answer_ms": round((bus.replies[-1].begin_us or 0) / 1e3),
        "heap_free": int(heap[1]),
        "heap": int(heap[2]),
        "cpu_s": round(time.process_time()),
    }


def apart(args, settings) -> dict:
    """{name: function} of what has a flash of its own, and boots for itself."""
    from chip import device, encrypted, flashjob, inside, measure, reader

    uf2, reads = args.uf2, max(1, round((FULL_ENCRYPTED if args.full else ENCRYPTED) * args.part))

    def automatic():
        files = device.module_files(dict(settings, baud="auto"))
        other = device.Device(device.flash(uf2, files))
        other.boot()
        return measure.automatic_rate(other)

    def secured(level):
        return encrypted.replies(encrypted.image(uf2, settings, level), level, reads)

    return {
        "flash, provision, update, harden": lambda: flashjob.commands(uf2),
        "automatic rate": automatic,
        "encrypted, mode 5": lambda: secured(2),
        "encrypted, mode 7": lambda: secured(3),
        "heap and pauses": lambda: inside.seen(inside.image(uf2, settings)),
        "reader": lambda: reader.reading(reader.reader_image(uf2)),
        "decoding": lambda: reader.decoding(reader.decoder_image(uf2)),
    }


def peers(device) -> dict:
    """libmbus's tools; what keeps them away is told, and no fault."""
    from chip import peers

    try:
        folder = peers.tools()
    except OSError as e:
        return {"checks": 0, "wrong": [], "not run": str(e)}
    return peers.read_out(device, folder)


def plan(device, args, settings) -> dict:
    """{name: function} of what is measured, the longest first."""
    from chip import endings, measure

    reads = FULL_READS if args.full else READS
    pulses = FULL_PULSES if args.full else PULSES
    cuts = FULL_CUTS if args.full else CUTS
    todo = apart(args, settings)
    for baud, n in reads.items():
        # Of many reads so many at a time, for which there are more processes.
        parts = -(-n // PART_READS)
        n = max(1, round(n * args.part / parts))
        count = max(10, round(pulses * args.part / parts))
        whole = None if args.full or baud not in WHOLE else max(1, round(WHOLE[baud] * args.part))
        for part in range(1, parts + 1):
            name = "replies at %d" % baud + (", part %d" % part if parts > 1 else "")
            todo[name] = partial(measure.replies, device, baud, n, count, whole)
    for seed in range(1, max(1, round(cuts * args.part)) + 1):
        todo["power cut %d" % seed] = lambda seed=seed: endings.power_cut(device, seed)
    for name, function in (
        ("libmbus", peers),
        ("hang", endings.hang),
        ("soft reset", endings.soft_reset),
        ("reset by pin", endings.pin_reset),
        ("read-out and selection", measure.readout),
        ("commands", measure.commands),
        ("tariffs", measure.tariffs),
        ("change of the rate", measure.baud_switch),
    ):
        todo[name] = lambda function=function: function(device)
    return todo


def measured(args, log) -> dict:
    """All results, told as they come, and whole in a log."""
    from chip import device as chip_device
    from chip import jobs

    wall = time.monotonic()

    def told(name, result):
        state = "BROKEN" if "error" in result else "wrong" if result["wrong"] else "ok"
        passed_s, cpu_s = time.monotonic() - wall, result.get("cpu_s", 0)
        line = "%5d s  %5d s of a core  %-33s %s" % (passed_s, cpu_s, name, state)
        print(line, flush=True)
        print(line, json.dumps(result), file=log, flush=True)

    settings = dict(chip_device.SETTINGS, save_pulses=50)
    image = chip_device.flash(args.uf2, chip_device.module_files(settings))
    device, start = started(image, chip_device)
    told("start", start)
    todo = plan(device, args, settings)
    if args.only:
        todo = {name: f for name, f in todo.items() if any(o in name for o in args.only)}
    results = {"start": start, **jobs.run(todo, args.workers, told)}
    cpu_s = sum(result.get("cpu_s", 0) for result in results.values())
    print("%5d s  %5d s of a core  all of it" % (time.monotonic() - wall, cpu_s), flush=True)
    version = bytes(device.pico.rp2040.flash).find(b"MicroPython v")
    results["start"]["part"] = args.part
    results["start"]["image"] = (
        bytes(device.pico.rp2040.flash[version : version + 40])
        .split(b"\0")[0]
        .decode(errors="replace")
    )
    return results


def main(arguments=None) -> int:
    """Measure, tell, keep the results."""
    parser = argparse.ArgumentParser(prog="onchip", description=__doc__.split("\n")[0])
    parser.add_argument("uf2", nargs="?", help="the image of MicroPython")
    parser.add_argument("--fetch", action="store_true", help="let rp2040py bring the image")
    parser.add_argument("--full", action="store_true", help="for hours: many more of each")
    parser.add_argument("--part", type=float, default=1, help="so much of each, 0.1 for a tenth")
    parser.add_argument("--only", action="append", help="what has this in its name")
    # One more than cores: what is done at an emulated USB waits for its host now and then.
    parser.add_argument("--workers", type=int, default=1 + (os.cpu_count() or 1))
    parser.add_argument("--readme", action="store_true", help="put the tables into README.md")
    args = parser.parse_args(arguments)
    if args.fetch:
        try:
            args.uf2 = fetched()
        except OSError as e:
            print("onchip: no image could be brought: %s\n%s" % (e, HELP), file=sys.stderr)
            return 2
    if not args.uf2 or not Path(args.uf2).is_file():
        print("onchip: %s" % HELP, file=sys.stderr)
        return 2
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.with_suffix(".log").open("w", encoding="utf-8") as log:
        results = measured(args, log)
    wrong = faults(results)
    if args.readme:
        into_readme(results)
    RESULTS.write_text(json.dumps({"python": platform.python_version(), **results}, indent=1))
    print("\n".join(["", *table(results), "", *wrong]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
