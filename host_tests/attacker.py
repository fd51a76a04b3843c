# SPDX-License-Identifier: MIT
"""A meter with a key under attack, every kind of command to it, and what an attacker makes of one.

Time goes in whole seconds, so that the clock is as far ahead of the ticks as before, unless
somebody sets it.
"""

from securedmeter import SECOND, Owner

# isort: split
from meter import state
from stations import text

FAILED = 0x14
KEY_CHANGE = "0D FD 19 F0" + text(SECOND)

# Name, CI, records, least mode at level 1, kind of meter: "t" has tariffs by the bus, the others
# transformers and prepayment.
# fmt: off
KINDS = (
    ("address",         0x5B, "01 7A 2A", 5, ""),
    ("number",          0x5B, "0C 79 09 08 07 06", 5, ""),
    ("identification",  0x5B, "07 79 09 08 07 06 0D 17 01 02", 5, ""),
    ("baud",            0x5B, "04 FF 46 2C 01 00 00", 5, ""),
    ("clock F",         0x5B, "04 6D 2D 27 36 3B", 5, ""),
    ("clock I",         0x5B, "06 6D 25 1E 29 41 3C 35", 5, ""),
    ("date",            0x5B, "02 6C 41 3C", 5, ""),
    ("time",            0x5B, "03 6D 25 1E 09", 5, ""),
    ("clock forward",   0x5B, "03 ED 01 09 02 0A", 5, ""),
    ("clock back",      0x5B, "03 ED 02 09 02 0A", 5, ""),
    ("clock 6C",        0x6C, "00 25 1E 29 41 3C 35", 7, ""),
    ("clock 6D",        0x6D, "01 09 02 0A", 7, ""),
    ("tariff",          0x5B, "01 FF 13 02", 5, "t"),
    ("tariff source",   0x5B, "01 FF 44 02", 5, "t"),
    ("tariff inverted", 0x5B, "01 FF 45 01", 5, "t"),
    ("threshold",       0x5B, "04 AB 48 A0 86 01 00", 5, ""),
    ("special",         0x5B, "0C FD 67 11 22 33 44", 5, ""),
    ("special 2",       0x5B, "8C 40 FD 67 55 66 77 88", 5, ""),
    ("pulses",          0x5B, "84 40 04 2A 00 00 00", 5, ""),
    ("weight",          0x5B, "84 40 FF 42 D0 07 00 00", 5, ""),
    ("period",          0x5B, "01 FF 43 3C", 5, ""),
    ("ratio",           0x5B, "02 FF 68 64 00", 5, ""),
    ("ratio lock",      0x5B, "01 FF 14 01", 5, ""),
    ("clear",           0x5B, "80 80 80 40 84 FF 83 07", 5, "t"),
    ("debiting stop",   0x5B, "00 FF C0 0B", 5, ""),
    ("freeze",          0x5B, "40 FE 0B", 5, ""),
    ("ratio unlock",    0x5B, "01 FF 14 00", 7, ""),
    ("breaker",         0x5B, "01 FD 1F 00", 7, ""),
    ("prepayment",      0x5B, "01 FF 41 01", 7, ""),
    ("credit",          0x5B, "04 FF 04 88 13 00 00", 7, ""),
    ("credit added",    0x5B, "04 FF 84 01 88 13 00 00", 7, ""),
    ("credit cleared",  0x5B, "00 FF 84 07", 7, ""),
    ("key",             0x5B, KEY_CHANGE, 7, ""),
)
# fmt: on


def victim(level, kind="", **given):
    """A meter that can be given all commands of a kind, with its clock set."""
    more = {"breaker": "yes", "source": "pulse1"}
    more.update({"tariff_source": "bus"} if kind == "t" else {"prepayment": "yes", "ct": "yes"})
    more.update(given)
    pauses = more.pop("pauses", False)
    one = Owner(level, pauses=pauses, **more)
    meter = one.module.meter
    meter.clock.set(815_000_000, one.line.now)
    meter.special[:] = [1, 2]
    meter.energy.add(0, 12_345, 1, 1)
    meter.changed = True
    one.rig.persist()
    return one


def prepared(one, name):
    """Bring the meter into the state in which a command changes something."""
    if name == "ratio unlock":
        one.module.meter.ratio_locked = 1
    if name.startswith("credit"):
        one.module.meter.prepayment.set_mode(1)
        one.module.meter.prepayment.set(77)
    one.module.meter.changed = True
    return one


def marked(key):
    """What a key makes of zeros."""
    block = bytearray(16)
    key.encrypt_block(block)
    return bytes(block)


def state_of(one):
    """All that a command can change, but for the counter of commands."""
    module, meter, ring = one.module, one.module.meter, one.module.keyring
    now = one.line.now
    meter.tick(now)
    found = state.sections(state.dump(meter))
    del found["c"], found["d"], found["h"]  # which go on with time
    frozen = meter.history.frozen
    return tuple(sorted(found.items())) + (
        meter.clock.valid and meter.clock.seconds - now // 1000,
        meter.events.total,
        (meter.clock_orders, meter.demand.minutes, meter.history.closed),
        frozen and bytes(frozen),
        meter.breaker.control,
        (bytes(module.identification), module.primary, module.kept_baud, module.locked),
        (ring.version, ring.level, marked(ring.key)),
        (len(module._readout.list), module._readout.only),
    )


def held(one):
    """The same with the counter."""
    ring = one.module.keyring
    return state_of(one) + ((ring.highest, ring.last),)


def unchanged(one, before, *where):
    """Fail unless the meter is as it was, with its counter."""
    for is_now, was in zip(held(one), before):
        assert is_now == was, where


def resume(one):
    """Go on behind the counter that the meter says is the last."""
    assert one.clear("08 FD 08") == 0
    records = one.readout()[0]
    assert records[:3] == b"\x04\xfd\x08"
    one.counter = max(one.counter, int.from_bytes(records[3:7], "little"))
    assert one.clear("", ci=0x50) == 0


def works(one, mode=7):
    """Everything legitimate does: a command is obeyed once, and the read-out can be read."""
    resume(one)
    if mode == 5 and one.module.keyring.level == 3:
        mode = 7
    special = one.module.meter.special[0] % 90 + 1
    frame = one.seal("0C FD 67 %02d 00 00 00" % special, mode)
    assert one.say(frame, wait=5000, a=one.module.primary) == 0
    assert one.module.meter.special[0] == special
    one.module.meter.special[0] = 3
    assert one.say(frame, wait=5000, a=one.module.primary) == 0  # a lost E5
    assert one.module.meter.special[0] == 3
    one.module.meter.special[0] = special
    assert one.readout()


def flips(frame):
    """The frame with each bit of it flipped, and where."""
    for i in range(len(frame)):
        for bit in range(8):
            bad = bytearray(frame)
            bad[i] ^= 1 << bit
            yield i, bytes(bad)


def ways(level):
    """(level, mode) pairs in which commands may come."""
    return (7,) if level == 3 else (5, 7)


def afl_of(frame):
    """How many octets of the frame are its AFL."""
    return 17 if frame[0] == 0x90 else 0


def without_afl(frame):
    return frame[afl_of(frame) :]


def body_of(frame):
    """Where the encrypted octets begin."""
    at = afl_of(frame)
    size = 4 if frame[at] == 0x5A else 12
    return at + 1 + size + (1 if at else 0)
