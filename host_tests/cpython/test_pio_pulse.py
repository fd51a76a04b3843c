# SPDX-License-Identifier: MIT
"""The pulse counter of the rp2 port in a PIO emulator: exact, whatever the contact does."""

import pytest
from pioboard import Board
from piosignals import contact, line, spikes_only

PIN = 14
MS = 0.001
SIGNALS = {
    # closed, open, bounce, spikes
    "25 Hz": (20 * MS, 20 * MS, 0, False),
    "25 Hz, 2 ms of bounce": (20 * MS, 20 * MS, 2 * MS, False),
    "25 Hz, 5 ms of bounce": (20 * MS, 20 * MS, 5 * MS, False),
    "25 Hz, spikes": (20 * MS, 20 * MS, 0, True),
    "25 Hz, bounce and spikes": (20 * MS, 20 * MS, 5 * MS, True),
    "40 Hz": (12.5 * MS, 12.5 * MS, 0, False),
    "40 Hz, 2 ms of bounce": (12.5 * MS, 12.5 * MS, 2 * MS, False),
    "40 Hz, 5 ms of bounce": (12.5 * MS, 12.5 * MS, 5 * MS, False),
    "40 Hz, spikes": (12.5 * MS, 12.5 * MS, 0, True),
    "40 Hz, bounce and spikes": (12.5 * MS, 12.5 * MS, 5 * MS, True),
    "S0": (30 * MS, 30 * MS, 5 * MS, False),
    "S0, spikes": (30 * MS, 30 * MS, 5 * MS, True),
    "long and rare": (300 * MS, 200 * MS, 5 * MS, True),
}


def counter(signal=None, board=None, sm_id=0, pin=PIN):
    board = board or Board()
    if signal:
        board.lines[pin] = signal
    return board, board.load("rp2_pulse").PulseCounter(pin, sm_id)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SIGNALS)
def test_every_pulse_counts_once(name, seed):
    closed, opened, bounce, spikes = SIGNALS[name]
    pulses = 6 if closed > 0.1 else 30
    signal, end = contact(seed, pulses, closed, opened, bounce, spikes)
    board, counted = counter(signal)
    board.run(end)
    assert counted.count() == pulses


@pytest.mark.parametrize("bounce", [0, 5 * MS])
@pytest.mark.parametrize("seed", range(3))
def test_a_pulse_that_lasts_at_the_start_does_not_count(bounce, seed):
    # The contact is closed at first, then ten times opened and closed.
    signal, end = contact(seed, 10, 20 * MS, 20 * MS, bounce, level=0)
    board, counted = counter(signal)
    board.run(0.04)
    assert counted.count() == 0
    board.run(end)
    assert counted.count() == 10


@pytest.mark.parametrize("level", [0, 1])
def test_spikes_alone_are_no_pulses(level):
    for apart in (5 * MS, 2 * MS, 1 * MS):
        board, counted = counter(spikes_only(7, 1.5, level, apart))
        board.run(1.5)
        assert counted.count() == 0, apart


@pytest.mark.parametrize(("length", "counts"), [(5.7 * MS, 0), (6.2 * MS, 1)])
def test_the_window_at_either_edge(length, counts):
    for phase in range(0, 63, 3):
        at = 0.02 + phase / 1e6
        board, counted = counter(line([at, at + length], 1))
        board.run(0.06)
        assert counted.count() == counts, ("closed", phase)
        # Open for so long in the middle of a pulse: two pulses, or one.
        board, counted = counter(line([0.02, at + 0.02, at + 0.02 + length, at + 0.06], 1))
        board.run(0.12)
        assert counted.count() == 1 + counts, ("open", phase)


def test_a_pulse_is_seen_as_soon_as_the_window_is_over():
    board, counted = counter(line([0.02, 0.04], 1))
    board.run(0.02 + 5.7 * MS)
    assert counted.count() == 0
    board.run(0.5 * MS)
    assert counted.count() == 1


@pytest.mark.parametrize("low", [2 * MS, 5 * MS, 8 * MS])
@pytest.mark.parametrize("hz", [50, 60, 100])
def test_mains_behind_an_optocoupler_is_counted_at_a_faster_clock(hz, low):
    signal, end = contact(8, 60, low, 1 / hz - low, 0.2 * MS)
    board = Board()
    pulse = board.load("rp2_pulse")
    board.lines[PIN] = signal
    counted = pulse.PulseCounter(PIN, pulse.rp2_pio.MAINS, pulse.MAINS_FREQ)
    board.run(end)
    assert counted.count() == 60


def test_the_count_wraps_at_32_bits():
    board, counted = counter(contact(3, 6, 20 * MS, 20 * MS)[0])
    board.run(0.03)
    board.machines[0].set(x_register=3)  # after 2 ** 32 - 4 pulses
    found = []
    for _ in range(6):
        board.run(0.04)
        found.append(counted.count())
    assert found == [0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF, 0, 1, 2]


def test_counting_goes_on_when_the_transfers_of_the_dma_are_used_up(monkeypatch):
    board = Board()
    pulse = board.load("rp2_pulse")
    monkeypatch.setattr(pulse.rp2_pio, "TRANSFERS", 5)
    signal, end = contact(4, 40, 20 * MS, 20 * MS)
    board.lines[PIN] = signal
    counted = pulse.PulseCounter(PIN, 1)
    while board.now < end:
        board.run(0.1)
        counted.count()
    assert counted.count() == 40


def test_two_counters_share_the_program_and_nothing_else():
    board = Board()
    pulse = board.load("rp2_pulse")
    board.lines[3], end = contact(5, 20, 20 * MS, 20 * MS, 5 * MS)
    board.lines[9], _ = contact(6, 30, 12.5 * MS, 12.5 * MS, 2 * MS)
    pair = [pulse.PulseCounter(pin, sm_id) for pin, sm_id in ((3, 0), (9, 1))]
    board.run(end)
    assert [each.count() for each in pair] == [20, 30]
    assert len(board.memory[0]) == 1
    assert all(machine.hz == 16_000 for machine in board.machines.values())


def test_the_signals_are_hard_ones():
    # What counts every low it sees counts too many of all but the clean ones.
    for name, (closed, opened, bounce, spikes) in SIGNALS.items():
        signal, end = contact(0, 6, closed, opened, bounce, spikes)
        changes = sum(
            signal.level((i - 1) / 16e3) > signal.level(i / 16e3) for i in range(int(end * 16e3))
        )
        assert (changes > 6) == bool(bounce or spikes), name
