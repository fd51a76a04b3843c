# SPDX-License-Identifier: MIT
"""What counts pulses on the fake chips, and the pulses."""

from chipbench import on_chip
from fakechip.clock import Misuse
from fakechip.outside import Pulses, Steady
from helpers import raises

MOV_ISR_X, PUSH = 0xA0C1, 0x8000


def test_pulses_bounce_and_end_as_they_should():
    pulses = Pulses(bounce_us=4000)
    end = pulses.train(1000, 40000, 20000, 3)
    assert end == 121000
    us, edges, level = 0, [], pulses.level(0)
    assert level == 1
    while (us := pulses.next_change(us)) is not None:
        assert pulses.level(us - 1) == level
        level = pulses.level(us)
        edges.append(us)
    assert level == 1
    assert 6 * 3 <= len(edges) <= 6 * 7
    for us in edges:
        assert (us - 1000) % 20000 <= 4000
    for k in range(3):
        assert pulses.level(1000 + k * 40000 + 10000) == 0
        assert pulses.level(1000 + k * 40000 + 30000) == 1
    assert [pulses.sent(us) for us in (0, 1000, 81000, 999999)] == [0, 1, 3, 3]


def counter(chip, window_us=6000):
    """A state machine with a counter of pulses on pin 15, and a function that reads it."""
    import rp2

    from fakechip.piomodels import PulseCounter

    @rp2.asm_pio()
    def pulse_counter():
        """A model plays it."""

    from machine import Pin

    chip.pio_models["pulse_counter"] = PulseCounter
    pin = Pin(15, Pin.IN, Pin.PULL_UP)
    freq = 96 * 1000000 // window_us
    machine = rp2.StateMachine(0, pulse_counter, freq=freq, in_base=pin, jmp_pin=pin)
    machine.active(1)

    def read():
        machine.exec(MOV_ISR_X)
        machine.exec(PUSH)
        return -machine.get() & 0xFFFFFFFF

    return machine, read


def test_a_counter_in_pio_loses_nothing_to_flash_whether_computed_or_not():
    for exact in (False, True):

        def test(chip, machine):
            from fakechip.flash import Flash

            chip.exact = exact
            pulses = chip.pad(15).attach(Pulses(bounce_us=5000))
            pulses.train(10000, 40000, 20000, 50)
            _, read = counter(chip)
            flash = Flash(chip, 1)
            for _ in range(10):
                flash.erase()
                chip.run_ms(100)
            assert 0 < read() <= pulses.sent(chip.clock.now)
            chip.run_ms(2000)
            before = chip.clock.now
            assert read() == 50
            assert 140 <= chip.clock.now - before <= 300  # 0.22 ms were measured

        on_chip("rp2", test)


def test_spikes_and_pulses_too_short_are_not_counted():
    for exact in (False, True):

        def test(chip, machine):
            chip.exact = exact
            pulses = chip.pad(15).attach(Pulses())
            pulses.train(10000, 5000, 200, 100)
            pulses.train(1000000, 10000, 5000, 20)
            _, read = counter(chip)
            chip.run_ms(2000)
            assert read() == 0

        on_chip("rp2", test)


def test_a_contact_that_is_no_train_is_counted_edge_by_edge():
    def test(chip, machine):
        pad = chip.pad(15)
        contact = pad.attach(Steady(pad))
        _, read = counter(chip)
        for held_ms in (20, 3, 20):
            contact.press(held_ms * 1000)
            chip.run_ms(100)
        assert read() == 2

    on_chip("rp2", test)


def test_a_state_machine_refuses_what_takes_long_or_has_no_model():
    def test(chip, machine):
        import rp2

        chip.pad(15).attach(Pulses())
        sm, _ = counter(chip)
        raises(Misuse, sm.exec, "mov(isr, x)")
        raises(Misuse, sm.exec, 0x6000)
        sm.active(0)
        raises(Misuse, sm.get)
        raises(ValueError, rp2.StateMachine, 8)
        raises(ValueError, lambda: counter(chip, window_us=60000))
        raises(Misuse, lambda: rp2.StateMachine(1, rp2.asm_pio()(lambda: None)))
        raises(TypeError, lambda: rp2.asm_pio(join=1))

    on_chip("rp2", test)


def test_a_counter_of_an_esp32_counts_bounce_too():
    def test(chip, machine):
        Counter = machine.Counter  # noqa: N806
        clean = chip.pad(15).attach(Pulses())
        dirty = chip.pad(16).attach(Pulses(bounce_us=5000))
        for pulses in (clean, dirty):
            pulses.train(100000, 40000, 20000, 25)
        first = Counter(0, machine.Pin(15), edge=Counter.FALLING, filter_ns=12000)
        second = Counter(1, machine.Pin(16), edge=Counter.FALLING)
        chip.core.stall(400000)
        chip.run_ms(2000)
        assert first.value() == 25
        assert second.value() > 50
        assert first.value(0) == 25 and first.value() == 0
        raises(Misuse, lambda: Counter(2, machine.Pin(15), filter_ns=6000000))
        raises(TypeError, lambda: Counter(2, machine.Pin(15), debounce=1))

    on_chip("esp32", test)


def test_pcnt_begins_again_at_its_limit_and_says_so():
    def test(chip, machine):
        import esp32

        chip.pad(15).attach(Pulses()).train(1000, 1000, 500, 250)
        seen = []
        pcnt = esp32.PCNT(0, pin=machine.Pin(15), falling=esp32.PCNT.INCREMENT, max=100)
        pcnt.irq(lambda p: seen.append(p.irq().flags()), esp32.PCNT.IRQ_MAX)
        pcnt.start()
        chip.run_ms(500)
        assert pcnt.value() == 50
        assert seen == [esp32.PCNT.IRQ_MAX] * 2

    on_chip("esp32", test)
