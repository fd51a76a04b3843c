# SPDX-License-Identifier: MIT
"""What outlives the ends of a module on the emulated chip: cuts of the supply, resets, a hang."""

import random
import re

from mbus.failures import MasterError

from .measure import ADDRESS, CLOSED_US, PERIOD_US, Checks, pulses

_BEFORE_US = 12_000_000
_IN_OPERATION_US = 30_000
_WATCHDOG_US = 9_000_000
# Idle, for what is busy takes twenty times as long to emulate.
_HANG = b"\x03\x03\r\x01import machine\r\nwhile True: machine.idle()\r\n\x04"


def _loss(alive: str) -> int:
    """How many pulses the module itself says that a power cut may lose."""
    return int(re.search(r"loss=(\d+)", alive)[1])


def _count(checks, device):
    """The pulses that a device tells of."""
    try:
        return pulses(device.bus.read(ADDRESS))
    except MasterError as e:
        checks.wrong.append(str(e))
        return None


def power_cut(device, seed: int) -> dict:
    """The supply fails while the flash is at something; what the next start still knows."""
    checks, chance = Checks(), random.Random(seed)
    pico, contact = device.pico, device.pulses[0]
    contact.run(PERIOD_US, CLOSED_US)
    pico.run_us(chance.uniform(0.5, 1) * _BEFORE_US)
    done = len(pico.flash_times.operations)
    busy = pico.run_until(lambda: len(pico.flash_times.operations) > done, 30e6, 50)
    pico.run_us(chance.uniform(0, _IN_OPERATION_US if pico.flash_times.last.erases else 400))
    torn = pico.flash_times.busy
    other = device.cut_power(seed)
    alive = other.boot()
    allowed = _loss(alive)
    counted = _count(checks, other)
    lost = None if counted is None else contact.closed - counted
    checks.that("nothing was written within 30 s", busy)
    checks.that("lost %s, allowed %d" % (lost, allowed), lost is not None and 0 <= lost <= allowed)
    return checks.result(torn=torn, closed=contact.closed, lost=lost, allowed=allowed)


def _goes_on(device, end) -> dict:
    """Pulses before and after an end that memory outlives; how many are lost of those that
    came while nothing ended."""
    checks, contact, console = Checks(), device.pulses[0], device.pico.console
    contact.run(PERIOD_US, CLOSED_US, count=50)
    device.pico.run_us(50 * PERIOD_US + 3_000_000)
    before = len(console.output)
    begin = device.pico.now_us
    end()
    device.alive(begin=before)
    back_ms = round((device.pico.now_us - begin) / 1e3)
    counted = _count(checks, device)
    checks.that("%s of 50 pulses are known" % counted, counted == 50)
    contact.run(PERIOD_US, CLOSED_US, count=10)
    device.pico.run_us(10 * PERIOD_US + 1_000_000)
    counted = _count(checks, device)
    checks.that("%s of 60 pulses are counted" % counted, counted == 60)
    return checks.result(back_ms=back_ms)


def hang(device) -> dict:
    """A loop without an end in the place of the module: the watchdog bites."""

    def end():
        device.pico.console.type(_HANG)
        device.pico.run_until(lambda: device.pico.resets, _WATCHDOG_US, 5000)

    result = _goes_on(device, end)
    causes = [cause for _, cause in device.pico.resets]
    if causes != ["watchdog"]:
        result["wrong"].append("resets: %s" % causes)
    return result


def soft_reset(device) -> dict:
    """Ctrl-C, Ctrl-D."""
    return _goes_on(device, device.pico.console.soft_reset)


def pin_reset(device) -> dict:
    """The RUN pin: what the chip's own memory holds is lost, what the flash holds is not."""
    checks, contact, console = Checks(), device.pulses[0], device.pico.console
    contact.run(PERIOD_US, CLOSED_US, count=50)
    device.pico.run_us(50 * PERIOD_US + 3_000_000)
    before = len(console.output)
    device.pico.reset()
    allowed = _loss(device.alive(begin=before))
    counted = _count(checks, device)
    checks.that(
        "%s of 50 pulses are known" % counted, counted is not None and counted >= 50 - allowed
    )
    return checks.result(lost=None if counted is None else 50 - counted, allowed=allowed)
