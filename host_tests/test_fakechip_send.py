# SPDX-License-Identifier: MIT
"""How the fake UARTs send, begin and wait, against what was measured on an emulated RP2040."""

from chipbench import Bench, char_us
from fakechip.chip import Chip
from fakechip.clock import Misuse
from fakechip.line import Line, Peer
from helpers import raises

BYTES = bytes([i * 37 & 0xFF for i in range(250)])


def test_txidle_comes_five_octets_early_and_only_for_long_messages():
    with Bench("rp2", 2400) as b:
        seen = []
        b.uart.irq(lambda uart: seen.append(b.chip.clock.now), b.uart.IRQ_TXIDLE)
        b.uart.write(BYTES[:5])
        b.chip.run_us(50000)
        assert seen == []
        start = b.chip.clock.now
        b.uart.write(BYTES[:20])
        b.chip.run_us(100000)
        assert [(us - start) // char_us(2400) for us in seen] == [15]


def test_init_takes_45_bit_times_and_hears_nothing_meanwhile():
    for baud, ms in ((300, 150.0), (2400, 18.75), (9600, 4.69), (38400, 1.17)):
        with Bench("rp2", 9600) as b:
            before = b.chip.clock.now
            assert before < 1000  # the first time costs nothing
            b.uart.init(baudrate=baud)
            assert abs((b.chip.clock.now - before) / 1000 - ms) < 0.05
    with Bench("rp2", 2400) as b:
        b.peer.say(BYTES[:10])
        b.chip.run_us(2 * char_us(2400) + 100)
        b.uart.init(baudrate=2400)
        b.chip.run_us(100000)
        assert b.all() == BYTES[6:10]  # two were thrown away, four came meanwhile


def test_init_throws_away_what_has_not_left():
    with Bench("rp2", 9600) as b:
        b.uart.write(BYTES[:10])
        b.chip.run_us(3 * char_us(9600) + 100)
        b.uart.init(baudrate=9600)
        b.chip.run_us(100000)
        assert b.peer.octets()[:3] == BYTES[:3]
        assert len(b.peer.heard) == 4
        assert b.serial.unsent == 7


def test_init_of_an_esp32_waits_for_what_has_not_left():
    with Bench("esp32", 9600) as b:
        b.uart.write(BYTES[:10])
        b.uart.init(baudrate=2400, timeout_char=6)
        assert b.serial.unsent == 0
        assert b.peer.octets() == BYTES[:10]


def test_timeout_char_is_forced_up_and_stays_up():
    with Bench("rp2", 9600, timeout_char=2) as b:
        for baud, given, stays in (
            (2400, None, 6),
            (300, None, 44),
            (9600, None, 44),
            (9600, 2, 2),
        ):
            b.uart.init(baudrate=baud, timeout_char=given)
            assert b.serial.timeout_char == stays


def test_txdone_includes_the_shift_register():
    for variant in ("rp2", "esp32"):
        with Bench(variant, 2400) as b:
            assert b.uart.txdone()
            start = b.chip.clock.now
            b.uart.write(BYTES[:5])
            while not b.uart.txdone():
                pass
            assert 0 <= b.chip.clock.now - start - 5 * char_us(2400) < 100
            assert len(b.peer.heard) == 5
            b.uart.write(BYTES[:5])
            b.uart.flush()
            assert len(b.peer.heard) == 10


def test_a_whole_telegram_goes_out_by_one_write_that_does_not_wait():
    with Bench("rp2", 2400) as b:
        before = b.chip.clock.now
        assert b.uart.write(bytes(261)) == 261
        assert b.chip.clock.now - before < 300
        b.chip.run_us(262 * char_us(2400))
        starts = [us for us, _ in b.wire.written]
        assert max([y - x for x, y in zip(starts, starts[1:])]) == char_us(2400)


def gap_in_a_telegram(baud):
    with Bench("rp2", baud, txbuf=300) as b:
        b.uart.write(bytes(261))
        b.chip.run_us(60 * char_us(baud))
        b.chip.core.stall(45000)
        b.chip.run_us(300 * char_us(baud))
        starts = [us for us, _ in b.wire.written]
        assert len(starts) == 261
        return max([y - x for x, y in zip(starts, starts[1:])]) - char_us(baud)


def test_an_erase_makes_a_gap_in_a_telegram_at_high_rates():
    assert gap_in_a_telegram(2400) == 0
    assert 5000 < gap_in_a_telegram(9600) < 41000
    assert 35000 < gap_in_a_telegram(38400) < 45000


def test_an_echo_comes_back_where_the_wire_has_one():
    with Bench("rp2", 2400, echo=True) as b:
        b.uart.write(b"\x10\x40")
        b.chip.run_us(30000)
        assert b.all() == b"\x10\x40"


def test_read_of_more_than_there_is_waits_timeout_char():
    with Bench("rp2", 2400) as b:
        b.peer.say(BYTES[:2])
        b.chip.run_us(12000)
        before = b.chip.clock.now
        assert b.uart.read(300) == BYTES[:2]
        assert 5900 <= b.chip.clock.now - before <= 6200
        before = b.chip.clock.now
        assert b.uart.read(300) is None
        assert b.chip.clock.now - before < 100  # nothing there: timeout is 0


def test_read_of_a_running_telegram_blocks_to_its_end():
    with Bench("rp2", 2400) as b:
        b.peer.say(BYTES)
        b.chip.run_us(20000)
        before = b.chip.clock.now
        buf = bytearray(250)
        assert b.uart.readinto(buf, 250) == 250
        assert buf == BYTES
        assert 1120000 < b.chip.clock.now - before < 1148000


def test_what_the_chip_refuses_is_refused():
    with Bench("rp2", 2400) as b:
        UART = b.machine.UART  # noqa: N806
        raises(ValueError, UART, 2, 2400, 8, 0, 1)
        raises(ValueError, lambda: UART(1, 2400, 8, 0, 1, tx=0, rx=5))
        raises(ValueError, lambda: UART(1, 2400, 8, 0, 1, tx=4, rx=6))
        raises(ValueError, lambda: UART(1, 2400, 8, 0, 1, invert=4))
        raises(TypeError, lambda: UART(1, baud=2400))
        raises(Misuse, UART, 1, 2400)
        b.uart.deinit()
        raises(OSError, b.uart.any)
    with Bench("esp32", 2400) as b:
        raises(ValueError, b.machine.UART, 0, 2400, 8, 0, 1)
        raises(Misuse, lambda: b.machine.UART(1, 2400, 8, 0, 1, tx=1, rx=3))


def test_an_inverted_line_wants_an_inverted_uart():
    for invert, octets in ((0, b""), (3, b"\x10\x40")):
        chip = Chip("rp2")
        chip.install()
        try:
            import machine

            line = Line(chip.clock)
            chip.wire_uart(line, tx=4, rx=5, invert_tx=True, invert_rx=True)
            peer = Peer(line, 2400)
            uart = machine.UART(1, 2400, 8, 0, 1, tx=4, rx=5, invert=invert)
            if invert:
                peer.say(b"\x10\x40")
                chip.run_us(30000)
                assert uart.read(uart.any()) == octets
            uart.write(b"\x10\x40")
            chip.run_us(30000)
            assert peer.octets() == octets
        finally:
            chip.uninstall()
