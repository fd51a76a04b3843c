# SPDX-License-Identifier: MIT
"""The factory reset: by the local tool only, never over the bus.

    main.py CONFIG-FILE | key=value ... factory_reset=IDENTIFICATION

forgets all that was counted and all that a master has set, and ends.  The identification number
that the device answers to has to be named, so that no other device is meant.
"""

from binascii import hexlify

from .settings import Settings
from .store import Store, StoreError


def forget(config, slots, others, number: str):
    """Forget it all: (whether that was done, what was done or why not).  OSError of a store."""
    held = held_number(config, slots, others[0])
    if number != held:
        return False, "error: not reset: the identification number is %s" % held
    memory = others[1]
    if memory:
        memory.write(bytes(20))
    if others[0]:
        others[0].forget()
    slots.forget()
    return True, "reset: all that meter %s has counted and was told is forgotten" % held


def held_number(config, slots, fram) -> str:
    """The digits that the device answers to: stored, or configured where that cannot be read."""
    best = config.identification[:4]
    generation = -1
    for one in (slots, fram):
        if not one:
            continue
        try:
            store = Store(one.load, one.save)
            settings = Settings(store)
        except StoreError:
            continue  # of a newer version, which is what it may be wanted for
        if settings.identification and store.generation > generation:
            best, generation = settings.identification, store.generation
    return hexlify(bytes(reversed(best))).decode()
