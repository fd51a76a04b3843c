# SPDX-License-Identifier: MIT
"""The one-shot of the two coils in a PIO emulator: its length, and never both."""

import random
from collections import deque
from itertools import pairwise

import pytest
from pioboard import Board, pulses_of

ON, OFF = 21, 6  # not beside each other
TICK = 0.0001


def pair(**chip):
    board = Board(**chip)
    coil = board.load("rp2_coil")
    coils = coil.CoilPair(ON, OFF)
    return board, coils, board.machines[2]


def both(changes):
    """Moments at which both outputs were high."""
    return [at for at, pins in changes if pins >> ON & 1 and pins >> OFF & 1]


@pytest.mark.parametrize("clock_hz", [125_000_000, 150_000_000])
@pytest.mark.parametrize("ms", [1, 30, 200, 400])
@pytest.mark.parametrize("which", ["on", "off"])
def test_a_pulse_is_as_long_as_was_said(which, ms, clock_hz):
    board, coils, machine = pair(clock_hz=clock_hz)
    board.run(0.1)
    assert coils.pulse(which, ms)
    board.run(1)
    ((began, length),) = pulses_of(machine.changes, ON if which == "on" else OFF)
    assert round(length / TICK, 6) == ms * 10
    assert 0.1 <= began <= 0.1 + 7 * TICK
    assert pulses_of(machine.changes, OFF if which == "on" else ON) == []


def test_nothing_is_driven_before_the_first_pulse():
    board, coils, machine = pair()
    board.run(5)
    assert machine.changes == [(0.0, 0)]
    assert not coils.busy()
    options = machine.program.options
    assert (options["set_init"], options["sideset_init"]) == (2, 2)  # OUT_LOW


def test_a_pulse_cannot_be_ordered_while_another_lasts():
    board, coils, machine = pair()
    assert coils.pulse("on", 200)
    for _ in range(199):
        board.run(0.001)
        assert coils.busy() and not coils.pulse("off", 200)
    board.run(0.003)
    assert not coils.busy()
    assert coils.pulse("off", 30)
    board.run(0.05)
    assert not coils.busy()
    assert [round(length, 6) for _, length in pulses_of(machine.changes, ON)] == [0.2]
    assert [round(length, 6) for _, length in pulses_of(machine.changes, OFF)] == [0.03]


def test_an_interpreter_that_never_comes_back_does_not_lengthen_a_pulse():
    board, coils, machine = pair()
    coils.pulse("off", 200)
    board.run(3600)
    assert [round(length, 6) for _, length in pulses_of(machine.changes, OFF)] == [0.2]
    assert not coils.busy()


def test_no_word_lengthens_a_pulse_beyond_what_the_relay_bears():
    rng = random.Random(1)
    for word in (0xFFFFFFFF, 0xFFFFFFFE, 0, 1, *(rng.getrandbits(32) for _ in range(20))):
        board, _, machine = pair()
        machine.put(word)
        board.run(2)
        ((_, length),) = pulses_of(machine.changes, ON if word & 1 else OFF)
        assert 3 * TICK <= length + 1e-9 <= 4098 * TICK + 2e-9, hex(word)
        assert both(machine.changes) == []


@pytest.mark.parametrize("seed", range(8))
def test_never_both_whatever_words_come_and_whenever(seed):
    rng = random.Random(seed)
    board, _, machine = pair()
    said = {0: 0, 1: 0}
    for _ in range(60):
        board.run(rng.choice((0, TICK, 3 * TICK, rng.uniform(0, 0.02))))
        while len(machine.state.transmit_fifo) < rng.randrange(5):
            word = rng.getrandbits(32) & rng.choice((0x1F, 0xFFFFE07F))
            said[word & 1] += 1
            machine.put(word)
        machine.state.receive_fifo.clear()
    board.run(4)
    assert both(machine.changes) == []
    assert len(pulses_of(machine.changes, ON)) == said[1] > 0
    assert len(pulses_of(machine.changes, OFF)) == said[0] > 0
    # From one coil to the other both are off for a while.
    began_and_ended = sorted(
        (at, at + length) for pin in (ON, OFF) for at, length in pulses_of(machine.changes, pin)
    )
    for (_, end), (began, _) in pairwise(began_and_ended):
        assert began - end >= 5 * TICK - 1e-9


@pytest.mark.parametrize("which", ["on", "off"])
def test_a_reset_of_the_state_machine_at_any_moment_drops_the_coil(which):
    pin = ON if which == "on" else OFF
    for moment in range(40):
        board, coils, machine = pair()
        coils.pulse(which, 3)
        board.run(moment * TICK + TICK / 2)
        machine.restart()
        board.run(1)
        assert both(machine.changes) == []
        if moment < 1:
            continue  # the word was still waiting, and was obeyed then
        for began, length in pulses_of(machine.changes, pin):
            assert began + length <= (moment + 2) * TICK + 1e-9, moment


def test_each_path_to_the_coil_off_goes_by_what_makes_the_coil_on_low():
    # The side-set is the coil "off"; SET writes the coil "on" and nothing else.
    _, _, machine = pair()
    words = machine.program.opcodes
    assert machine.program.side_count == 1 and not machine.program.side_optional
    off = [place for place, word in enumerate(words) if word >> 12 & 1]
    assert words[off[0]] & 0xE0FF == 0xE000
    jumps = [word & 31 for place, word in enumerate(words) if word >> 13 == 0 and place not in off]
    assert off[0] in jumps and not set(jumps) & set(off[1:])
    on = [place for place, word in enumerate(words) if word & 0xE0FF == 0xE001]
    assert on and not set(on) & set(off)


@pytest.mark.parametrize(("which", "ms"), [("on", 0), ("off", 401), ("on", -1), ("both", 200)])
def test_a_pulse_that_is_none_is_refused(which, ms):
    board, coils, machine = pair()
    with pytest.raises(ValueError, match="no pulse"):
        coils.pulse(which, ms)
    board.run(1)
    assert machine.changes == [(0.0, 0)]


def test_one_pin_cannot_be_both_coils():
    coil = Board().load("rp2_coil")
    with pytest.raises(OSError, match="cannot drive both"):
        coil.CoilPair(ON, ON)


def test_the_emulator_shows_both_where_a_program_is_wrong():
    # What the checks above would find: side-set with "on" still high.
    board, _, machine = pair()
    wrong = list(machine.program.opcodes)
    wrong[8] &= ~0xE0FF & 0xFFFF  # no longer clears "on" ...
    wrong[8] |= 0xA042
    wrong[4] = 0x0005  # ... and is reached with it high
    wrong[6] = 0x0008
    machine.program.opcodes = wrong
    machine._start(transmit_fifo=deque((0x15,)))
    board.run(0.1)
    assert both(machine.changes)
