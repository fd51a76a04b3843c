# SPDX-License-Identifier: MIT
"""The ports' own drivers on the fake chips: counters, coils, receivers, small memories."""

from binascii import hexlify

from chipbench import Bench, char_us, on_chip
from fakechip.clock import Misuse
from fakechip.line import Peer
from fakechip.outside import Mains, Pulses, Relay
from helpers import raises


def test_the_counters_of_both_ports_count_through_an_erase():
    def rp2(chip):
        from port.rp2_pulse import PulseCounter

        return PulseCounter(15, 0)

    def esp32(chip):
        from machine import Pin

        from port.esp32_count import Counted

        return Counted(0, Pin(15, Pin.IN, Pin.PULL_UP))

    for variant, make, bounce_us in (("rp2", rp2, 5000), ("esp32", esp32, 0)):
        for exact in (False, True):

            def test(chip, machine):
                chip.exact = exact
                if variant == "rp2":
                    chip.use_programs()
                pulses = chip.pad(15).attach(Pulses(bounce_us))
                pulses.train(10000, 40000, 20000, 100)
                counter = make(chip)
                assert counter.count() == 0
                chip.core.stall(400000)
                assert 9 <= counter.count() <= 11
                chip.run_ms(4000)
                assert counter.count() == 100

            on_chip(variant, test)


def test_the_counter_for_the_mains_sees_each_half_wave():
    def test(chip, machine):
        from port.rp2_pulse import MAINS_FREQ, PulseCounter

        chip.use_programs()
        pad = chip.pad(14)
        mains = pad.attach(Mains(pad))
        counter = PulseCounter(14, 3, MAINS_FREQ)
        for present, count in ((True, 50), (False, 50), (True, 100)):
            mains.set(present)
            chip.run_ms(995)
            assert counter.count() == count

    on_chip("rp2", test)


def coils(variant):
    if variant == "rp2":
        from port.rp2_coil import CoilPair
    else:
        from port.esp32_chip import CoilPair
    return CoilPair(12, 13)


def test_the_coils_are_pulsed_for_as_long_as_said_and_never_both():
    for variant in ("rp2", "esp32"):

        def test(chip, machine):
            if variant == "rp2":
                chip.use_programs()
            relay = Relay(chip.pad(12), chip.pad(13), closed=True)
            pair = coils(variant)
            assert relay.pulses == [] and not pair.busy()
            pair.pulse("off", 200)
            chip.run_ms(10)
            assert pair.busy()
            assert not pair.pulse("on", 200)
            chip.core.stall(400000)
            assert not pair.busy()
            assert not relay.closed
            pair.pulse("on", 30)
            chip.run_ms(100)
            assert relay.closed
            assert [p[1] for p in relay.pulses] == ["off", "on"]
            for pulse, us in zip(relay.pulses, (200000, 30000)):
                assert us * 99 // 100 <= pulse[2] <= us

        on_chip(variant, test)


def test_a_hard_reset_ends_a_pulse_and_a_start_makes_none():
    for variant in ("rp2", "esp32"):

        def test(chip, machine):
            if variant == "rp2":
                chip.use_programs()
            relay = Relay(chip.pad(12), chip.pad(13), closed=True)
            coils(variant).pulse("off", 200)
            chip.run_ms(10)
            chip.reset("watchdog")
            coils(variant)
            chip.run_ms(1000)
            assert [p[1] for p in relay.pulses] == ["off"]
            assert 9900 < relay.pulses[0][2] < 11000
            assert relay.closed  # too short to move it

        on_chip(variant, test)


def test_receivers_at_three_rates_hear_their_own():
    from mbus.timing import octets_ms

    for rate in (300, 2400, 9600):
        with Bench("rp2", 2400) as b:
            from port.rp2_receive import Receivers

            b.chip.use_programs()
            feeds = dict(Receivers(5, (300, 2400, 9600), (5, 6, 7)).feeds)
            assert len(b.chip.dma_channels) == 3
            peer = Peer(b.line, rate)
            request = b"\x10\x5b\x05\x60\x16"
            peer.say(request)
            b.chip.core.stall(octets_ms(6, rate) * 1000)  # DMA goes on
            mine = feeds[rate]
            assert mine.any() == 5
            buf = bytearray(8)
            assert mine.readinto(buf, 8) == 5
            assert buf[:5] == request and not mine.errors()
            if rate == 300:
                fast = feeds[9600]
                fast.readinto(buf, fast.any())
                fast.any()
                assert fast.errors()


def test_a_receiver_tells_of_an_error_in_its_place():
    with Bench("rp2", 2400) as b:
        from port.rp2_receive import Receiver

        b.chip.use_programs()
        receiver = Receiver(5, 2400, 6)
        b.peer.say(b"\x11\x22\x33", flip_parity=(1,))
        b.chip.run_us(4 * char_us(2400))
        buf = bytearray(4)
        assert receiver.any() == 1 and not receiver.errors()
        assert receiver.readinto(buf, 4) == 1
        assert receiver.any() == 1 and receiver.errors()
        assert receiver.readinto(buf, 4) == 1
        assert hexlify(buf[:1]) == b"33"


def test_the_streams_tell_of_errors_where_the_chip_does():
    with Bench("rp2", 2400) as b:
        from port.rp2_uart import Stream

        stream = Stream(1, 4, 5, 2400)
        assert not stream.errors()
        b.peer.say(b"\x11", flip_parity=(0,))
        b.chip.run_us(2 * char_us(2400))
        assert stream.any() == 1
        assert stream.errors() and not stream.errors()
        stream.write(b"\x10\x40")
        stream.init(9600)  # waits for what has not left
        assert b.peer.octets()[-2:] == b"\x10\x40"
        assert b.serial.unsent == 0
    with Bench("esp32", 2400) as b:
        from port.uart import Stream as EspStream

        stream = EspStream(1, 4, 5, 2400)
        assert not hasattr(stream, "errors")
        stream.write(b"\x10\x40")
        stream.init(9600)
        assert b.peer.octets()[-2:] == b"\x10\x40"


def test_what_is_sent_leaves_without_a_gap_while_flash_is_busy():
    telegram = bytes(range(250))
    for baud in (2400, 9600):
        with Bench("rp2", baud) as b:
            from port.rp2_uart import Stream

            stream = Stream(1, 4, 5, baud)
            assert stream.steady and stream.txdone()
            assert stream.write(memoryview(telegram)) == len(telegram)
            assert not stream.txdone()
            b.chip.core.stall(45_000)
            b.chip.run_us((len(telegram) - 3) * char_us(baud) - 45_000)
            assert not stream.txdone()
            b.chip.run_us(4 * char_us(baud))
            assert stream.txdone()
            wire = b.serial.tx_wire.written[-len(telegram) :]
            assert bytes(octet for _, octet in wire) == telegram
            times = [us for us, _ in wire]
            gaps = [after - before for before, after in zip(times, times[1:])]
            assert max(gaps) - min(gaps) <= 1


def test_a_new_telegram_takes_the_place_of_one_that_has_not_left():
    with Bench("rp2", 2400) as b:
        from port.rp2_uart import Stream

        stream = Stream(1, 4, 5, 2400)
        stream.write(bytes(200))
        b.chip.run_us(3 * char_us(2400))
        stream.write(b"\x10\x40\x05")
        stream.init(9600)
        sent = b.peer.octets()
        assert sent[-3:] == b"\x10\x40\x05" and len(sent) < 60


def test_the_small_memories_survive_what_they_should():
    def memory(chip):
        if chip.variant == "rp2":
            from machine import mem32

            from port.scratch import Registers

            return Registers(mem32)
        from machine import RTC

        from port.scratch import ClockMemory

        return ClockMemory(RTC())

    for variant in ("rp2", "esp32"):

        def test(chip, machine):
            octets = bytes(range(20))
            memory(chip).write(octets)
            machine.WDT(timeout=5000)
            for cause in ("watchdog", "machine", "panic", "soft"):
                chip.reset(cause)
                assert memory(chip).read() == octets
            chip.reset("brownout")
            assert not any(memory(chip).read())

        on_chip(variant, test)


def test_the_port_finds_out_why_the_device_started():
    expected = {
        "rp2": (("power", 1), ("watchdog", 2), ("soft", 5), ("brownout", 1)),
        "esp32": (("power", 1), ("watchdog", 2), ("soft", 5), ("panic", 3), ("brownout", 1)),
    }
    for variant, causes in expected.items():

        def test(chip, machine):
            name = variant + "_chip"
            chip_port = getattr(__import__("port." + name), name)
            for cause, said in causes:
                chip.time.set(1800000000)  # as a device does that knows the time
                chip.reset(cause)
                assert chip_port.reset_cause() == said, (variant, cause)
            for crashed, said in ((True, 3), (False, 4)):
                chip_port.restart(crashed)
                assert chip_port.reset_cause() == said

        on_chip(variant, test)


def test_dma_of_another_kind_is_misuse():
    def test(chip, machine):
        import rp2

        dma = rp2.DMA()
        raises(Misuse, lambda: dma.pack_ctrl(inc_read=True))
        raises(TypeError, lambda: dma.pack_ctrl(ring=3))
        for _ in range(11):
            rp2.DMA()
        raises(OSError, rp2.DMA)
        dma.close()
        rp2.DMA()

    on_chip("rp2", test)
