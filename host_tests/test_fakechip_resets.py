# SPDX-License-Identifier: MIT
"""What the resets of a fake chip leave, and its clock, watchdog and small memories."""

from chipbench import on_chip
from fakechip.chip import COLD, Chip
from fakechip.clock import Misuse
from fakechip.i2c import Ds3231, Fram
from fakechip.line import Line, Peer
from fakechip.outside import Pulses, Relay
from helpers import raises

SCRATCH, REASON, CHIP_RESET = 0x4005800C, 0x40058008, 0x40064008
OTHERS = ("watchdog", "machine", "panic")


def causes(variant):
    """[reset_cause() behind each kind of reset]."""
    seen = []

    def test(chip, machine):
        for cause in COLD + OTHERS + ("soft",):
            chip.reset(cause)
            seen.append(machine.reset_cause())

    on_chip(variant, test)
    return seen


def test_the_cause_of_a_reset_is_as_vague_as_on_the_chip():
    assert causes("rp2") == [1, 1, 1, 3, 3, 3, 3]  # a soft one leaves what was said before
    assert causes("esp32") == [1, 1, 1, 3, 2, 2, 5]


def test_scratch_registers_of_an_rp2_survive_all_but_a_cold_start():
    def test(chip, machine):
        mem32 = machine.mem32
        for i in (0, 1, 7):
            mem32[SCRATCH + 4 * i] = 0x1234 + i
        assert mem32[CHIP_RESET] == 1 << 8
        for cause, reason in (("watchdog", 1), ("machine", 2), ("soft", 2)):
            chip.reset(cause)
            assert [mem32[SCRATCH + 4 * i] for i in (0, 1, 7)] == [0x1234, 0x1235, 0x123B]
            assert mem32[REASON] == reason
        for cause in COLD:
            mem32[SCRATCH] = 5
            chip.reset(cause)
            assert (mem32[SCRATCH], mem32[REASON]) == (0, 0)
            assert mem32[CHIP_RESET] == (1 << 16 if cause == "external" else 1 << 8)
        raises(Misuse, lambda: mem32[0x40000000])
        machine.WDT(timeout=8000)
        assert mem32[SCRATCH + 16] != 0  # the SDK uses one of them

    on_chip("rp2", test)


def test_rtc_memory_of_an_esp32_survives_all_but_a_cold_start():
    def test(chip, machine):
        rtc = machine.RTC()
        rtc.memory(b"counters")
        for cause in OTHERS + ("soft",):
            chip.reset(cause)
            assert machine.RTC().memory() == b"counters"
        chip.reset("brownout")
        assert rtc.memory() == b""
        raises(ValueError, rtc.memory, bytes(2049))

    on_chip("esp32", test)
    on_chip("rp2", lambda chip, machine: raises(AttributeError, lambda: machine.RTC().memory()))


def test_the_clock_of_an_rp2_begins_at_2021_with_every_hard_reset():
    def test(chip, machine):
        import time

        rtc = machine.RTC()
        assert rtc.datetime()[:7] == (2021, 1, 1, 4, 0, 0, 0)
        assert time.time() == 1609459200  # since 1970
        rtc.datetime((2026, 2, 28, 0, 23, 59, 58, 0))
        chip.run_ms(3000)
        assert rtc.datetime() == (2026, 3, 1, 6, 0, 0, 1, 0)
        assert time.localtime()[:6] == (2026, 3, 1, 0, 0, 1)
        assert time.mktime(time.gmtime()) == time.time()
        chip.reset("soft")
        assert rtc.datetime()[0] == 2026
        for cause in COLD + OTHERS:
            rtc.datetime((2026, 2, 28, 0, 23, 59, 58, 0))
            chip.reset(cause)
            assert rtc.datetime()[0] == 2021

    on_chip("rp2", test)


def test_the_clock_of_an_esp32_counts_from_2000():
    def test(chip, machine):
        import time

        assert time.time() == 0
        machine.RTC().datetime((2026, 1, 1, 0, 0, 0, 0, 0))
        assert time.time() == 820540800
        assert time.gmtime(0)[:3] == (2000, 1, 1)
        chip.reset("soft")
        assert time.time() == 820540800
        chip.reset("watchdog")
        assert time.time() == 0

    on_chip("esp32", test)


def test_the_chip_s_clock_may_be_wrong():
    chip = Chip("rp2")
    chip.time.ppm = 30
    chip.run_us(86400 * 1000000)
    assert chip.time.seconds() - 1609459200 == 86402


def test_pins_are_inputs_behind_a_hard_reset_and_as_they_were_behind_a_soft_one():
    for variant in ("rp2", "esp32"):

        def test(chip, machine):
            Pin = machine.Pin  # noqa: N806
            relay = Relay(chip.pad(10), chip.pad(11))
            Pin(10, Pin.OUT).on()
            chip.reset("soft")
            assert chip.pad(10).level() == 1
            chip.run_ms(50)
            chip.reset("watchdog")
            assert chip.pad(10).level() == 0
            assert [p[2] // 1000 for p in relay.pulses] == [50]

        on_chip(variant, test)


def test_what_counts_begins_again_at_0_behind_any_reset():
    def test(chip, machine):
        chip.pad(15).attach(Pulses()).train(1000, 40000, 20000, 1000)
        for cause in ("soft", "watchdog"):
            counter = machine.Counter(0, machine.Pin(15))
            chip.run_ms(400)
            assert counter.value() == 10
            chip.reset(cause)

    on_chip("esp32", test)


def test_a_watchdog_resets_unless_fed_and_a_soft_reset_does_not_stop_it():
    def test(chip, machine):
        starts = []

        def firmware():
            import time

            import machine

            starts.append(machine.reset_cause())
            wdt = machine.WDT(timeout=5000)
            for _ in range(3):
                time.sleep_ms(4000)
                wdt.feed()
            if len(starts) == 2:
                machine.soft_reset()
            while True:
                time.sleep_ms(1)

        chip.boot(firmware, 60)
        causes = [cause for _, cause in chip.boots]
        assert causes[:4] == ["power", "watchdog", "soft", "watchdog"]
        # Three times 4 s, and 5 s behind the last feeding.
        assert 17.3 <= chip.boots[1][0] / 1000000 < 17.4
        assert 900000 < chip.watchdog.closest_us < 1000000
        raises(TypeError, machine.WDT, 0, 5000)

    on_chip("rp2", test)
    on_chip("rp2", lambda chip, machine: raises(ValueError, lambda: machine.WDT(timeout=8389)))
    on_chip("esp32", lambda chip, machine: machine.WDT(timeout=60000))


def test_firmware_that_fails_leaves_its_crash_and_waits_for_the_watchdog():
    def test(chip, machine):
        def firmware():
            import machine

            machine.WDT(timeout=1000)
            raise ValueError("on purpose")

        chip.boot(firmware, 3)
        assert [cause for _, cause in chip.boots] == ["power", "watchdog", "watchdog"]
        assert [e.args for e in chip.crashes] == [("on purpose",)] * 3

    on_chip("esp32", test)


def test_misuse_ends_a_boot_as_a_failed_test():
    def test(chip, machine):
        def firmware():
            Relay(chip.pad(10), chip.pad(11))
            for number in (10, 11):
                machine.Pin(number, machine.Pin.OUT).on()

        assert "both coils" in str(raises(AssertionError, chip.boot, firmware, 1))

    on_chip("rp2", test)


def test_a_boot_may_be_followed_by_another():
    def test(chip, machine):
        def firmware():
            import time

            time.sleep_ms(100)
            chip.time.set(1800000000)

        chip.boot(firmware, 1)
        assert chip.time.seconds() == 1800000000
        chip.boot(firmware, 2, "brownout")
        assert [us for us, _ in chip.boots] == [0, 1000000]
        assert chip.clock.now == 3000000

    on_chip("rp2", test)


def test_an_octet_being_sent_is_the_last_one_at_a_reset():
    def test(chip, machine):
        line = Line(chip.clock)
        chip.wire_uart(line, tx=4, rx=5)
        peer = Peer(line, 2400)
        uart = machine.UART(1, 2400, 8, 0, 1, tx=4, rx=5)
        uart.write(bytes(20))
        chip.run_us(5 * 4583 - 100)
        chip.reset("machine")
        chip.run_ms(100)
        assert len(peer.heard) == 5
        raises(OSError, uart.any)

    on_chip("rp2", test)


def test_fram_keeps_what_was_written_and_a_missing_device_is_an_error():
    for variant, absent in (("rp2", 5), ("esp32", 19)):

        def test(chip, machine):
            bus = machine.I2C(0, scl=machine.Pin(9), sda=machine.Pin(8), freq=400000)
            assert raises(OSError, bus.writeto, 0x50, b"\x00\x00").args[0] == absent
            fram = chip.i2c_devices[0x50] = Fram(256)
            assert bus.scan() == [0x50]
            bus.writeto_mem(0x50, 0xFE, b"abcd", addrsize=16)
            assert bus.readfrom_mem(0x50, 0xFE, 4, addrsize=16) == b"abcd"
            assert bus.readfrom_mem(0x50, 0, 2, addrsize=16) == b"cd"
            buf = bytearray(3)
            bus.readfrom_mem_into(0x50, 0xFF, buf, addrsize=16)
            assert buf == b"bcd"
            chip.reset("power")
            assert bytes(fram.octets[:2]) == b"cd"
            before = chip.clock.now
            bus.writeto_mem(0x50, 0, bytes(32), addrsize=16)
            assert 700 < chip.clock.now - before < 1000  # a record takes about 1 ms
            fram.broken = True
            raises(OSError, bus.readfrom, 0x50, 1)
            raises(TypeError, lambda: bus.writeto_mem(0x50, 0, b"", 16))

        on_chip(variant, test)


def test_a_ds3231_keeps_time_and_says_whether_it_ever_stopped():
    def test(chip, machine):
        bus = machine.I2C(0)
        clock = chip.i2c_devices[0x68] = Ds3231(chip.clock)
        assert bus.readfrom_mem(0x68, 0x0F, 1)[0] & 0x80
        bus.writeto_mem(0x68, 0, b"\x58\x59\x23\x07\x28\x02\x26")
        bus.writeto_mem(0x68, 0x0F, b"\x08")
        chip.reset("power")
        chip.run_ms(3000)
        assert bus.readfrom_mem(0x68, 0, 7) == b"\x01\x00\x00\x07\x01\x03\x26"
        assert bus.readfrom_mem(0x68, 0x0F, 1) == b"\x08"
        clock.stopped()
        assert bus.readfrom_mem(0x68, 0x0F, 1)[0] & 0x80

    on_chip("rp2", test)
