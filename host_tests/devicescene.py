# SPDX-License-Identifier: MIT
"""Minutes in the life of a whole device on a fake chip: pulses, reads, orders, mains, resets.

Run as a program it plays one: devicescene.py rp2|esp32 BAUD fram|flash [auto], for a MicroPython
whose heap holds the firmware and the chip.
"""

import gc
import sys

from fakechip.chip import COLD
from fakechip.whole import Device
from mbus.frame import DATA, seal

MINUTE = 60000000  # microseconds
ADDRESS = 5
CONFIG = {
    "source": "pulse1",
    "pulse2_unit": "m3",
    "breaker": "yes",
    "primary": "5",
    "save_min": "1",
}
EVERY_US = {300: 9000000, 2400: 2500000, 9600: 1500000}
FORWARD, BACK = b"\x03\xed\x01\x05\x00\x00", b"\x03\xed\x02\x05\x00\x00"
OFF, ON = b"\x01\xfd\x1f\x00", b"\x01\xfd\x1f\x01"
# What a reset may cost, in pulses of 25 Hz: a second since the last mirror and the start; a
# hundred more where only what was stored in flash is left, and the minute that may pass.
WARM, COLD_FLASH = 60, 25 * 60 + 160
# Tries without an answer when a module has to find the rate, after each start: none of one with
# a receiver for each, one of one that hunts (mbus/autobaud.py) and begins at 2400.
UNHEARD = {("esp32", 300): 1, ("esp32", 9600): 1}


REQUEST_BITS = 18 * 11  # of the longest
RARE = 1000  # of so many requests one may meet an erased sector


def erased(device, end, baud):
    """Whether a sector was erased between the begin of a request and its latest answer."""
    begin, latest = end - REQUEST_BITS * 1000000 // baud, end + 330 * 1000000 // baud + 50000
    return any(begin < until and at < latest for at, until in device.slots.erasing)


def short(c):
    return bytes((0x10, c, ADDRESS, c + ADDRESS & 0xFF, 0x16))


def order(c, records):
    buf = bytearray(261)
    buf[DATA : DATA + len(records)] = records
    return bytes(buf[: seal(buf, c, ADDRESS, 0x51, len(records))])


def requests():
    """Reads without an end, corrections of the clock, and orders to the breaker, off and on."""
    n = 0
    while True:
        turn, within = divmod(n, 40)
        if within == 0:
            yield short(0x40)
        elif within in (13, 26):  # a correction of the clock, slewed
            yield order(0x53 | (turn & 1) << 5, FORWARD if within == 13 else BACK)
        elif within == 39:
            yield order(0x53 | (turn & 1) << 5, ON if turn & 1 else OFF)
        else:
            yield short(0x5B | (n & 1) << 5)
        n += 1


def flipping(device):
    """The mains at the tariff input."""
    while True:
        for present in (True, False):
            device.mains.set(present)
            yield 40000000


def play(
    variant, baud, fram, causes=("watchdog", "machine", "soft"), apart=2 * MINUTE, auto=False
):
    """A device over some resets; (device, pulses lost at each input) when all else was right.

    With auto the rate is the master's alone, and the device finds it.
    """
    config = dict(CONFIG)
    config["baud"] = "auto" if auto else str(baud)
    device = Device(variant, config, baud, fram=fram)
    chip = device.chip
    chip.clock.spawn(device.master.reading(requests(), EVERY_US[baud]), 3000000)
    chip.clock.spawn(flipping(device), 10000000)
    end = apart * (len(causes) + 1)
    for n, pulses in enumerate(device.pulses):
        pulses.train(1000000 + 7000 * n, 40000, 20000, (end - 3000000) // 40000)
    for i, cause in enumerate(causes):
        chip.clock.at(apart * (i + 1) - 777777, chip.reset, cause)
    device.run(end // 1000000)
    assert chip.crashes == [] and device.codes == [], (chip.crashes, device.codes)
    assert [cause for _, cause in chip.boots] == ["power"] + list(causes)
    master = device.master
    master.close()
    assert (master.untimely, master.damaged, master.stray) == (0, 0, 0), master.odd
    unheard = UNHEARD.get((variant, baud), 0) * len(chip.boots) if auto else 0
    # Nobody answers what comes while a sector is erased, for that would be too late; it is rare.
    unexplained = [at for at in master.silences if not erased(device, at, baud)]
    assert len(unexplained) <= len(causes) + unheard, unexplained
    assert master.silent <= len(causes) + unheard + master.asked // RARE, master.silent
    assert device.link.baud == baud
    assert chip.serial(1).lost <= 20 * len(causes)  # those of a chip that was starting
    sent = [pulses.sent(chip.clock.now) for pulses in device.pulses]
    lost = [sent[n] - device.module.meter.pulses[n].count for n in (0, 1)]
    cold = 0 if fram else sum(cause in COLD for cause in causes)
    for n in lost:
        assert 0 <= n <= WARM * len(causes) + COLD_FLASH * cold + 1, lost
    assert device.relay.pulses
    for _, _, us in device.relay.pulses:
        assert us <= 200000
    return device, lost


if __name__ == "__main__":
    gc.threshold(100000)
    _, chip_name, rate, memory, *more = sys.argv
    made, gone = play(chip_name, int(rate), memory == "fram", auto="auto" in more)
    print("played", chip_name, made.master.asked, gone, len(made.relay.pulses))
