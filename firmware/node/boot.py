# SPDX-License-Identifier: MIT
"""Boot of the module role: board, port, settings, station, tasks; main.py calls it.

    main.py CONFIG-FILE | key=value ... [factory_reset=IDENTIFICATION]

On a PC: MICROPYPATH=firmware:boards/desk:.frozen micropython firmware/main.py bus=... state=...
It prints one line when it is alive, whose end is how many pulses of an input a power cut may
lose at most (loss.py), and runs until it is killed or its bus is closed.
"""

import asyncio
import gc
import sys

import board

from . import forget
from .app import App


def main(arguments) -> int:
    """Run the module; returns an exit code."""
    port = getattr(__import__("port." + board.PORT), board.PORT)
    from .start import make

    made = make(port, arguments)
    # What was needed for the start alone gives its heap back.
    del make
    forget("start", "assembly", "loss", "reset", "config")
    if isinstance(made, int):
        return made
    link, module, source, parts, (bus, identity, primary, loss) = made
    app = App(link, module, port.ticks_ms, port.ticks_us, source, parts, port.watchdog())
    print("alive %s primary=%d %s loss=%d" % (identity, primary, port.report(), loss))
    if hasattr(gc, "threshold"):
        # What keeps the heap in one piece while modules load takes 25 ms each time then: from
        # now on it is collected after replies, see app.py, and where it is full.
        gc.threshold(-1)
    try:
        # From here: what is called below has the less stack the deeper it begins.
        asyncio.run(app.serve())
    except KeyboardInterrupt:
        _stopped(module, port.ticks_ms())
        return 0
    except Exception as e:
        return _failed(e, module, port, bus)
    return 1


def _failed(error, module, port, bus):
    if isinstance(error, OSError) and not port.restart:
        print("bus %s closed" % bus)
        return 0
    # Whatever it is: told, kept for later, and begun anew.
    sys.print_exception(error)
    module.health.crashed(error)
    if port.restart:
        port.restart()
    return 1


def _stopped(module, now):
    """By the local tool: what was counted is stored, what only memory knows is told."""
    health = module.health
    module.meter.changed = True
    try:
        module.persist(now)
    except OSError:
        health.store_failures += 1
    told = health.cause, health.late, health.line_errors, health.store_failures
    print("stopped cause=%d late=%d line_errors=%d store_failures=%d" % told)
