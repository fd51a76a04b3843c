# SPDX-License-Identifier: MIT
"""What the fake UARTs receive, against what was measured on an emulated RP2040."""

from chipbench import Bench, char_us
from fakechip.flash import Flash
from fakechip.line import BREAK, FRAMING, OVERRUN, PARITY, Peer
from helpers import raises

RIS, ICR = 0x4003803C, 0x40038044
BYTES = bytes([i * 37 & 0xFF for i in range(250)])


def test_what_a_peer_says_is_received_and_the_other_way_round():
    for variant in ("rp2", "esp32"):
        for baud in (300, 2400, 9600, 38400):
            with Bench(variant, baud) as b:
                b.peer.say(BYTES[:40])
                b.chip.run_us(60 * char_us(baud))
                assert b.all() == BYTES[:40]
                assert b.uart.write(BYTES[:50]) == 50
                b.chip.run_us(51 * char_us(baud))
                assert b.peer.octets() == BYTES[:50]
                assert b.uart.any() == 0  # not its own echo


def lost_in_an_erase(variant, baud, erase_us, seen=27):
    with Bench(variant, baud, rxbuf=600) as b:
        flash = Flash(b.chip, 1, erase_us=(erase_us, erase_us))
        b.peer.say(BYTES)
        b.chip.run_us(seen * char_us(baud) + 20)
        flash.erase()
        b.chip.run_us(251 * char_us(baud) + 50000)
        got = b.all()
        assert 250 - len(got) == b.serial.lost
        if variant == "rp2" and b.serial.lost:
            assert got[:30] == BYTES[:30]
        return b.serial.lost


def test_an_erase_of_flash_loses_the_octets_that_were_measured():
    assert lost_in_an_erase("rp2", 2400, 45000) == 0
    assert lost_in_an_erase("rp2", 9600, 45000) == 10
    assert 114 <= lost_in_an_erase("rp2", 38400, 45000) <= 129
    assert 55 <= lost_in_an_erase("rp2", 2400, 400000) <= 59
    assert lost_in_an_erase("rp2", 9600, 400000) == 194
    assert lost_in_an_erase("rp2", 300, 400000) == 0


def test_an_esp32_receives_while_its_flash_is_busy():
    assert lost_in_an_erase("esp32", 9600, 400000) == 0
    assert lost_in_an_erase("esp32", 38400, 45000) == 0


def test_an_overrun_is_flagged():
    with Bench("rp2", 9600) as b:
        b.peer.say(BYTES[:100])
        b.chip.core.stall(60000)
        # The handler has cleared the bits by now.
        assert b.machine.mem32[RIS] & OVERRUN == 0
        assert b.serial.lost == 52 - 32
        b.chip.run_us(200000)
        b.peer.say(BYTES[:40])
        state = b.machine.disable_irq()
        b.chip.run_us(50000)
        flagged = b.machine.mem32[RIS] & OVERRUN
        b.machine.enable_irq(state)
        assert flagged


def test_rxidle_leaves_less_room_for_an_erase():
    with Bench("rp2", 9600) as b:
        b.uart.irq(id, b.uart.IRQ_RXIDLE)
        b.peer.say(BYTES[:100])
        b.chip.run_us(20 * char_us(9600) + 20)
        b.chip.core.stall(45000)
        b.chip.run_us(100000)
        # 20 octets were in the FIFO already, 39 came.
        assert b.serial.lost == 20 + 39 - 32


def test_a_full_ring_loses_octets():
    with Bench("rp2", 9600, rxbuf=64) as b:
        b.peer.say(BYTES[:100])
        b.chip.run_us(200000)
        assert b.all() == BYTES[:64]
        assert b.serial.lost == 36


def test_rxidle_comes_32_bit_times_behind_the_last_octet():
    for baud, measured_us in ((300, 105000), (2400, 13200), (9600, 3377)):
        with Bench("rp2", baud) as b:
            seen = []
            b.uart.irq(lambda uart: seen.append(b.chip.clock.now), b.uart.IRQ_RXIDLE)
            end = b.peer.say(BYTES[:5])
            b.chip.run_us(600000)
            assert len(seen) == 1
            assert abs(seen[0] - end - measured_us) < 250
            assert b.uart.flags() == b.uart.IRQ_RXIDLE


def test_rxidle_does_not_come_where_the_fifo_has_been_emptied():
    with Bench("rp2", 2400) as b:
        seen = []
        b.uart.irq(seen.append, b.uart.IRQ_RXIDLE)
        b.peer.say(BYTES[:3])
        b.chip.run_us(14000)
        assert b.uart.any() == 3
        b.chip.run_us(100000)
        assert seen == []


def test_the_triggers_are_those_of_the_port():
    with Bench("rp2", 2400) as b:
        assert not hasattr(b.uart, "IRQ_RX")
        raises(ValueError, b.uart.irq, None, 1)
    with Bench("esp32", 2400) as b:
        assert not hasattr(b.uart, "IRQ_TXIDLE")
        raises(ValueError, b.uart.irq, None, 32)
        raises(ValueError, b.uart.irq, print, b.uart.IRQ_RX, True)


def test_the_event_that_octets_wait_comes_early_for_the_ring_only():
    # The first wake-up is 13.5 ms behind the first octet: at 4 octets, or 32 bit times.
    with Bench("rp2", 2400) as b:
        b.peer.say(BYTES[:17])
        woken = None
        while woken is None:
            b.chip.run_us(100)
            if b.uart._poll():
                woken = b.chip.clock.now - char_us(2400)
        assert abs(woken - 13500) < 300


def test_an_esp32_knows_of_octets_as_late_as_timeout_char_says():
    # At 2400 a character counts as 6 ms: seven of them in 44 ms, none in 5.
    for timeout_char, late_us in ((44, 7 * char_us(2400)), (5, 0)):
        with Bench("esp32", 2400, timeout_char=timeout_char) as b:
            end = b.peer.say(BYTES[:17])
            b.chip.run_us(end - b.chip.clock.now + late_us - 1000)
            assert b.uart.any() == (0 if late_us else 16)
            b.chip.run_us(2000)
            assert b.uart.any() == 17


def test_the_interrupts_of_an_esp32_are_rx_and_20_to_40_bit_times_of_silence():
    with Bench("esp32", 2400) as b:
        uart, seen = b.uart, []
        trigger = uart.IRQ_RX | uart.IRQ_RXIDLE
        uart.irq(lambda u: seen.append((u.flags(), b.chip.clock.now)), trigger)
        end = b.peer.say(BYTES[:5])
        b.chip.run_us(200000)
        assert [flags for flags, _ in seen] == [uart.IRQ_RX] * 5 + [uart.IRQ_RXIDLE]
        assert 8000 < seen[-1][1] - end < 17000


def test_an_octet_with_wrong_parity_is_data_and_a_sticky_bit():
    with Bench("rp2", 2400) as b:
        b.peer.say(b"\x11\x22\x33", flip_parity=(1,))
        bits = []
        for _ in range(3):
            b.chip.run_us(char_us(2400))
            b.uart.any()
            bits.append(b.machine.mem32[RIS] & 0x780)
            b.machine.mem32[ICR] = 0x780
        assert bits == [0, PARITY, 0]
        assert b.all() == b"\x11\x22\x33"


def test_the_handler_clears_the_error_bits():
    with Bench("rp2", 2400) as b:
        b.peer.say(b"\x11\x22\x33\x44", flip_parity=(1,))
        b.chip.run_us(5 * char_us(2400))
        assert b.machine.mem32[RIS] & 0x780 == 0


def test_a_break_is_dropped_on_rp2_and_zero_on_esp32():
    for variant, octets in (("rp2", b""), ("esp32", b"\x00")):
        with Bench(variant, 2400) as b:
            b.line.space(20000)
            b.chip.run_us(10000)
            assert variant == "esp32" or b.serial.ris & 0x780 == (BREAK | FRAMING)
            b.chip.run_us(100000)
            assert b.all() == octets


def test_a_master_at_300_is_nothing_but_breaks_at_9600():
    with Bench("rp2", 9600) as b:
        slow = Peer(b.line, 300)
        slow.say(b"\x10\x40\x01\x41\x16")
        b.chip.run_us(200000)
        assert b.serial.lost == 0
        assert b"\x10\x40" not in b.all()


def test_two_acknowledgements_overlap_as_measured():
    for offset_us, octet, errors in ((1500, 0x45, PARITY), (100, 0xE5, 0)):
        with Bench("rp2", 2400) as b:
            other = Peer(b.line, 2400)
            b.peer.say(b"\xe5")
            other.say(b"\xe5", at=b.chip.clock.now + offset_us)
            b.chip.run_us(10 * char_us(2400) // 10)
            assert (b.serial.ris & 0x780) == errors
            b.chip.run_us(50000)
            assert b.all()[:1] == bytes([octet])


def test_a_receiver_that_begins_within_a_character_hears_something_else():
    with Bench("rp2", 2400) as b:
        b.peer.say(b"\x0f")
        b.chip.run_us(100)
        # Its rate is set again within the start bit: the next fall is that behind bit 3.
        b.serial.receiver.set_baud(2400)
        b.chip.run_us(20000)
        assert b.all() != b"\x0f"
