# SPDX-License-Identifier: MIT
"""What a device starts: the firmware in the folder that the file `active` names, a or b.

An update fills the folder that is not in use, and then changes that file.  A folder whose
firmware cannot be loaded is told of, and the other one takes its place.  A frozen firmware
needs no folder.

Where there is a file `hardened`, nothing that is typed stops what runs, and nothing that ends
leads to a prompt (`mbus harden`).  The file `unit.conf` says which unit a module is (`mbus
provision`), whatever the settings say.
"""

import gc
import os
import sys
import time

import micropython

_HARDENED = "hardened" in os.listdir()
if _HARDENED:
    micropython.kbd_intr(-1)  # first of all: until here Ctrl-C is heard

_AGAIN_S = 10
_UNIT = "unit.conf"

# Which package of the firmware, and the file of its settings.
ROLE, SETTINGS = "node", "meter.conf"


def _folders():
    try:
        with open("active") as file:
            return "ba" if file.read(1) == "b" else "ab"
    except OSError:
        return "ab"


def _boot():
    loaded = list(sys.modules)
    sys.path.insert(0, "")
    for sys.path[0] in _folders():
        try:
            return __import__(ROLE + ".boot").boot
        except Exception as e:
            # Whatever it is that a damaged file leads to.
            print("firmware in folder %s:" % sys.path[0])
            sys.print_exception(e)
            for name in list(sys.modules):
                if name not in loaded:
                    del sys.modules[name]
    return None


if __name__ == "__main__":
    # As firmware/main.py does, and more seldom: what is compiled leaves less garbage, and to
    # collect it takes 20 ms each time on an RP2040.
    gc.threshold(16384)
    boot = _boot()
    del _boot, _folders  # so that they give their heap back
    # What mounted the file system on an RP2 leaves it here, with its assembler of PIO programs.
    globals().pop("rp2", None)
    files = [SETTINGS]
    if ROLE == "node" and _UNIT in os.listdir():
        files.append(_UNIT)
    try:
        failed = not boot or boot.main(files)
    except Exception as e:
        sys.print_exception(e)
        failed = True
    if failed or _HARDENED:
        # What failed may work later: an exit is a soft reset on a device.  Without one, after
        # Ctrl-C, there is the REPL; a watchdog that runs by then wants to be fed there.
        time.sleep(_AGAIN_S)
        if _HARDENED:
            # A soft reset hears Ctrl-C for a moment; this one has no USB for as long.
            import machine

            machine.reset()
        sys.exit(1)
