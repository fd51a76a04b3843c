# SPDX-License-Identifier: MIT
"""How deep calls go: MicroPython has 8 kB of stack on an RP2040, whoever calls whom.

A chain of calls is weighed by what each kind takes there, as measured on the emulated chip,
where `make chip` looks at the stack itself: of the deepest order it sends the chip used 6452
octets, and this says 6244.
"""

import inspect
import sys

import pytest

import test_items_commands
import test_secured_commands
import test_secured_keys
import test_secured_readout
import test_storing
from mbus.date import put_f
from securedmeter import owner

STACK = 8192 - 256  # that much is kept back by MicroPython
SPARE = 1024
FUNCTION, METHOD, COMPREHENSION, GENERATOR = 224, 248, 256, 344
# main.py, boot.main(), and asyncio down to a task.
BEGIN = 420 + FUNCTION + 688
# App.poll(), link.poll(), link._sound(); where the rate is found out two more.
HANDLE = "mbus/slave.py:Slave.handle"
ABOVE = {HANDLE: 3 * METHOD + 2 * METHOD, "node/module.py:Module.persist": 3 * METHOD}


def weight(code):
    if code.co_name == "<genexpr>":
        return GENERATOR
    if code.co_name.startswith("<"):
        return COMPREHENSION
    return METHOD if code.co_varnames[:1] == ("self",) else FUNCTION


class Depth:
    """While it is entered, the heaviest chain of calls of the firmware below each first one."""

    def __init__(self):
        self.heaviest = {}
        self._chain = []

    def __enter__(self):
        sys.setprofile(self._seen)
        return self

    def __exit__(self, *exception):
        sys.setprofile(None)

    def _seen(self, frame, event, _):
        if event == "call":
            folder, _, path = frame.f_code.co_filename.rpartition("/firmware/")
            if folder:
                name = path + ":" + qualified(frame)
                octets = weight(frame.f_code) + (self._chain[-1][1] if self._chain else 0)
                self._chain.append((frame, octets, name))
                first = self._chain[0][2]
                if octets > self.heaviest.get(first, (0,))[0]:
                    self.heaviest[first] = octets, [row[2] for row in self._chain]
        elif event == "return" and self._chain and self._chain[-1][0] is frame:
            self._chain.pop()


def qualified(frame):
    return getattr(frame.f_code, "co_qualname", frame.f_code.co_name)


def octets_of(depth):
    """(octets of stack, chain) of each chain that begins where the module is served."""
    for first, (octets, chain) in depth.heaviest.items():
        above = ABOVE.get(first, 0)
        if above or first.startswith("node/app.py:App."):
            yield BEGIN + above + octets, chain


@pytest.mark.parametrize(
    "played",
    [
        test_items_commands,
        test_secured_commands,
        test_secured_keys,
        test_secured_readout,
    ],
    ids=lambda module: module.__name__,
)
def test_what_other_tests_play_leaves_a_part_of_the_stack_unused(played):
    with Depth() as depth:
        for name, test in vars(played).items():
            if name.startswith("test_") and inspect.isfunction(test):
                test()
    assert HANDLE in depth.heaviest, "nothing was seen"
    for octets, chain in octets_of(depth):
        assert octets <= STACK - SPARE, "\n".join([str(octets), *chain])


def test_saves_do():
    with Depth() as depth:
        test_storing.test_what_a_command_changed_is_stored_as_soon_as_its_acknowledgement_has_left()
        test_storing.test_nothing_is_stored_while_nobody_may()
    weights = {chain[0]: octets for octets, chain in octets_of(depth)}
    assert weights["node/app.py:App.poll"] > weights["node/app.py:App.look"] > 4000
    assert max(weights.values()) <= STACK - SPARE, weights


def test_encrypted_orders_of_a_clock_with_summer_time_do():
    with Depth() as depth:
        for level, mode in ((2, 5), (2, 7), (3, 7)):
            one = owner(level, dst="eu", prepayment="no")
            for year in (2026, 2031):
                moment = bytearray(4)
                put_f(moment, 0, year, 7, 4, 5, 6)
                assert one.command("04 6D " + moment.hex(), mode) == 0
                assert one.module.meter.clock.summer
    weights = {chain[0]: octets for octets, chain in octets_of(depth)}
    assert weights[HANDLE] > 5000, "nothing was seen"
    assert max(weights.values()) <= STACK - SPARE, weights
