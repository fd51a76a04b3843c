# SPDX-License-Identifier: MIT
"""What a device starts: the firmware in the folder that the file `active` names, a or b.

An update fills the folder that is not in use, and then changes that file.  A folder whose
firmware cannot be loaded is told of, and the other one takes its place.  A frozen firmware
needs no folder.
"""

import gc
import sys
import time

_AGAIN_S = 10

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
    gc.threshold(4096)  # as firmware/main.py does
    boot = _boot()
    if not boot or boot.main([SETTINGS]):
        # What failed may work later: an exit is a soft reset on a device.  Without one, after
        # Ctrl-C, there is the REPL; a watchdog that runs by then wants to be fed there.
        time.sleep(_AGAIN_S)
        sys.exit(1)
