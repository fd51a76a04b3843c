# SPDX-License-Identifier: MIT
"""Pins and timers of the fake chips, and what is wired to them: mains, a relay."""

from chipbench import on_chip
from fakechip.chip import Chip
from fakechip.clock import Misuse
from fakechip.outside import Mains, Relay, Steady
from helpers import raises


def test_a_pin_reads_what_is_outside_and_its_pull_where_nothing_is():
    for variant in ("rp2", "esp32"):

        def test(chip, machine):
            Pin = machine.Pin  # noqa: N806
            pad = chip.pad(15)
            wire = pad.attach(Steady(pad))
            pin = Pin(15, Pin.IN, Pin.PULL_UP)
            assert pin.value() == pin() == 1
            wire.set(0)
            assert pin.value() == 0
            wire.set(None)
            assert Pin(15, Pin.IN, Pin.PULL_DOWN).value() == 0
            assert Pin(15, Pin.IN, None).value() == 0
            out = Pin(2, Pin.OUT, value=1)
            assert (chip.pad(2).level(), out.value()) == (1, 1)
            out.off()
            assert Pin(2).value() == 0
            out(1)
            out.toggle()
            assert out.value() == 0
            out.init(Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
            assert out.value() == 1

        on_chip(variant, test)


def test_constants_differ_between_the_chips():
    def rp2(chip, machine):
        pin = machine.Pin
        assert (pin.IN, pin.OUT, pin.PULL_UP, pin.IRQ_FALLING, pin.IRQ_RISING) == (0, 1, 1, 4, 8)

    def esp32(chip, machine):
        pin = machine.Pin
        assert (pin.IN, pin.OUT, pin.PULL_UP, pin.IRQ_FALLING, pin.IRQ_RISING) == (1, 3, 2, 2, 1)

    on_chip("rp2", rp2)
    on_chip("esp32", esp32)


def test_an_esp32_refuses_a_hard_interrupt():
    def test(chip, machine):
        pin = machine.Pin(3)
        raises(TypeError, lambda: pin.irq(print, 1, hard=True))
        raises(TypeError, lambda: pin.irq(print, 1, hard=False))

    on_chip("esp32", test)
    on_chip("rp2", lambda chip, machine: raises(TypeError, lambda: machine.Pin(3).irq(wake=1)))


def test_the_object_of_irq_tells_the_edge():
    def test(chip, machine):
        Pin = machine.Pin  # noqa: N806
        pad = chip.pad(3)
        contact = pad.attach(Steady(pad, 1))
        pin = Pin(3)
        seen = []
        pin.irq(lambda p: seen.append(p.irq().flags()), Pin.IRQ_FALLING | Pin.IRQ_RISING)
        contact.press(50000)
        chip.run_ms(100)
        assert seen == [Pin.IRQ_FALLING]  # an open wire of a chip with a pull-down stays low
        contact.set(1)
        assert seen == [Pin.IRQ_FALLING, Pin.IRQ_RISING]

    on_chip("rp2", test)


def test_mains_are_pulses_or_a_level():
    for smooth in (False, True):

        def test(chip, machine):
            pad = chip.pad(14)
            mains = pad.attach(Mains(pad, smooth=smooth))
            pin = machine.Pin(14)
            seen = []
            pin.irq(lambda p: seen.append(0), machine.Pin.IRQ_FALLING)
            chip.run_ms(100)
            assert (seen, pin.value()) == ([], 1)
            mains.set(True)
            since = chip.clock.now
            chip.run_ms(1000)
            assert len(seen) == (1 if smooth else 51)
            assert mains.count(since, chip.clock.now, 0) == (0 if smooth else 50)
            mains.set(False)
            assert pin.value() == 1

        on_chip("esp32", test)


def test_a_relay_moves_by_pulses_and_never_by_both_coils():
    def test(chip, machine):
        Pin = machine.Pin  # noqa: N806
        relay = Relay(chip.pad(10), chip.pad(11), chip.pad(12))
        on, off = Pin(10, Pin.OUT), Pin(11, Pin.OUT)
        feedback = Pin(12, Pin.IN, Pin.PULL_UP)
        assert (relay.closed, feedback.value()) == (True, 0)
        off.on()
        chip.run_ms(50)
        off.off()
        assert (relay.closed, feedback.value()) == (False, 1)
        assert relay.pulses[0][1] == "off" and 50000 <= relay.pulses[0][2] < 50100
        on.on()
        chip.run_ms(5)
        on.off()
        assert not relay.closed  # too short
        on.on()
        raises(Misuse, off.on)

    for variant in ("rp2", "esp32"):
        on_chip(variant, test)


def test_a_coil_driven_for_too_long_is_misuse():
    def test(chip, machine):
        Relay(chip.pad(10), chip.pad(11))
        machine.Pin(10, machine.Pin.OUT).on()
        raises(Misuse, chip.run_ms, 2000)

    on_chip("rp2", test)


def test_a_pulse_of_hardware_ends_while_the_processor_stalls():
    def rp2_pulse(machine):
        import rp2

        @rp2.asm_pio(set_init=2)
        def pulse_coil():
            """A model plays it."""

        pins = machine.Pin(10), machine.Pin(11)
        freq = 10000
        sm = rp2.StateMachine(4, pulse_coil, freq=freq, set_base=pins[0], sideset_base=pins[1])
        sm.active(1)
        sm.put(997 << 1 | 1)

    def esp32_pulse(machine):
        import esp32

        rmt = esp32.RMT(0, pin=machine.Pin(10, machine.Pin.OUT), resolution_hz=312500)
        rmt.write_pulses((31250,), 1)
        assert not rmt.wait_done()
        raises(ValueError, rmt.write_pulses, (40000,), 1)

    for variant, pulse in (("rp2", rp2_pulse), ("esp32", esp32_pulse)):
        chip = Chip(variant)
        if variant == "rp2":
            chip.use_programs()
        relay = Relay(chip.pad(10), chip.pad(11), closed=False)
        chip.install()
        try:
            import machine

            pulse(machine)
            chip.core.stall(400000)
        finally:
            chip.uninstall()
        assert relay.closed
        assert [p[1:] for p in relay.pulses] == [("on", 100000)]


def test_timers_come_as_they_are_set():
    def test(chip, machine):
        Timer = machine.Timer  # noqa: N806
        seen = []
        timer = Timer(-1, period=100, mode=Timer.PERIODIC, callback=lambda t: seen.append(1))
        Timer(-1, period=250, mode=Timer.ONE_SHOT, callback=lambda t: seen.append(2))
        chip.run_ms(450)
        timer.deinit()
        chip.run_ms(450)
        assert seen == [1, 1, 2, 1, 1]

    on_chip("rp2", test)
    on_chip("esp32", test)


def test_timers_that_the_chips_do_not_have():
    def rp2(chip, machine):
        raises(ValueError, machine.Timer, 0)

    def esp32(chip, machine):
        raises(ValueError, lambda: machine.Timer(0, period=1, hard=True))
        raises(ValueError, machine.Timer, 4)

    on_chip("rp2", rp2)
    on_chip("esp32", esp32)
