# SPDX-License-Identifier: MIT
"""Everything of the rp2 port fits into a chip's PIO, and what does not fit says so."""

import re
from errno import EBUSY, EINVAL, ENOMEM
from types import SimpleNamespace

import pytest
from pioboard import MEMORY, Board

from mbus.autobaud import RATES

RADIO = 8  # instructions that the radio of a W board takes at most
CLOCKS = (48_000_000, 125_000_000, 133_000_000, 150_000_000, 200_000_000, 300_000_000)


def everything(board):
    """All that a board may want; the table of who gets what."""
    pulse = board.load("rp2_pulse")
    for pin, sm_id in zip((2, 3), pulse.rp2_pio.PULSES, strict=True):
        pulse.PulseCounter(pin, sm_id)
    pulse.PulseCounter(4, pulse.rp2_pio.MAINS, pulse.MAINS_FREQ)
    board.load("rp2_coil").CoilPair(21, 20)
    board.load("rp2_receive").Receivers(5, RATES)
    return pulse.rp2_pio


def sizes(board):
    """{name of a program: its block, its instructions}."""
    return {
        program.name: (block, size)
        for block, memory in board.memory.items()
        for program, size in memory.items()
    }


@pytest.mark.parametrize("clock_hz", CLOCKS)
def test_all_of_it_fits_and_leaves_the_radio_its_part(clock_hz):
    board = Board(clock_hz)
    board.taken[4] = "radio"
    board.memory[1]["radio"] = RADIO
    everything(board)
    assert sorted(board.machines) == [0, 1, 2, 3, 5, 6, 7]
    assert all(sum(memory.values()) <= MEMORY for memory in board.memory.values())
    assert len(board.dmas) == 6
    for machine in board.machines.values():
        assert machine.hz > clock_hz / 65536


def test_the_table_of_who_gets_what_is_true():
    board = Board()
    table = everything(board).__doc__
    found = re.findall(r"^ +(\d) +([\d, ]+?) +(rp2_\w+) +(\d+)(?:, once)? +(\w+)", table, re.M)
    names = {"rp2_pulse": "count_pulses", "rp2_coil": "pulse_coil", "rp2_receive": "receive_8e1"}
    told = {names[name]: (int(block), int(size)) for block, _, name, size, _ in found}
    assert told == sizes(board)
    assert sum(int(channels) for *_, channels in found if channels != "none") == len(board.dmas)
    machines = {int(n) for _, numbers, *_ in found for n in numbers.split(",")}
    assert machines == set(board.machines)


def test_no_room_for_a_program_is_said():
    board = Board()
    board.memory[0]["somebody else's"] = MEMORY - 10
    with pytest.raises(OSError, match="no room for the pulse counter in the memory of PIO 0") as e:
        board.load("rp2_pulse").PulseCounter(2, 0)
    assert e.value.errno == ENOMEM
    board.memory[0]["somebody else's"] = MEMORY - 16
    board.load("rp2_pulse").PulseCounter(2, 0)
    with pytest.raises(OSError, match="no room for the coils"):
        board.load("rp2_coil").CoilPair(21, 20)


def test_a_state_machine_that_is_taken_or_missing_is_said():
    board = Board()
    board.taken[6] = "radio"
    with pytest.raises(OSError, match=r"machine 6 for the receiver at 2400 baud: .*claimed") as e:
        board.load("rp2_receive").Receivers(5, RATES)
    assert e.value.errno == EINVAL
    with pytest.raises(OSError, match="machine 8 for the coils"):
        board.load("rp2_coil").CoilPair(21, 20, 8)


def test_no_dma_channel_is_said():
    for channels in range(6):
        board = Board(channels=channels)
        with pytest.raises(OSError, match="no DMA channel is free for the ") as e:
            everything(board)
        assert e.value.errno == EBUSY


def test_a_clock_that_a_rate_cannot_be_made_of_is_said():
    with pytest.raises(OSError, match="receiver at 300 baud: freq out of range"):
        Board(400_000_000).load("rp2_receive").Receivers(5, RATES)


def test_a_third_block_has_requests_of_its_own():
    board = Board(blocks=3, channels=16)
    board.load("rp2_pulse").PulseCounter(2, 9)  # the request is checked by the channel
    assert sizes(board) == {"count_pulses": (2, 16)}


def test_what_the_programs_use_is_what_the_first_chip_knows():
    # PIO version 0: no WAIT on the JMP pin, no FIFO as memory, no counts of IN pins.
    board = Board()
    everything(board)
    for memory in board.memory.values():
        for program in memory:
            assert set(program.options) <= {
                "set_init", "sideset_init", "in_shiftdir", "out_shiftdir", "fifo_join"
            }  # fmt: skip
            for word in program.opcodes:
                kind = word >> 13
                assert not (kind == 1 and word >> 5 & 3 == 3)
                assert not (kind == 4 and word & 0x1F)


def test_pins_are_as_the_programs_want_them():
    pins = []

    def note(number, mode=None, pull=None):
        pins.append((number, mode, pull))
        return SimpleNamespace(number=number)

    board = Board()
    for name, act in (
        ("rp2_pulse", lambda it: it.PulseCounter(2, 0)),
        ("rp2_coil", lambda it: it.CoilPair(21, 20)),
        ("rp2_receive", lambda it: it.Receivers(5, (300,))),
    ):
        loaded = board.load(name)
        note.IN, note.PULL_UP = loaded.Pin.IN, loaded.Pin.PULL_UP
        loaded.Pin = note
        act(loaded)
    # Coils and the line stay as they are: what drives or opens them sees to it.
    assert pins == [
        (2, note.IN, note.PULL_UP),
        (21, None, None),
        (20, None, None),
        (5, None, None),
    ]
