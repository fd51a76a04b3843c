# SPDX-License-Identifier: MIT
"""The fake chip's processor: virtual time, interrupts, the soft queue of 8, the locked heap."""

import sys

from chipbench import on_chip
from fakechip.chip import Chip
from fakechip.clock import Clock, Misuse
from fakechip.flash import Flash, FlashSlots
from fakechip.outside import Pulses, Steady
from helpers import raises

MICROPYTHON = sys.implementation.name == "micropython"


def test_what_is_due_happens_in_its_order():
    clock = Clock()
    seen = []
    clock.at(30, seen.append, "c")
    clock.at(10, seen.append, "a")
    clock.at(10, seen.append, "b")
    cancelled = clock.at(20, seen.append, "no")
    clock.cancel(cancelled)
    assert clock.next_at() == 10
    clock.run_until(29)
    assert (seen, clock.now) == (["a", "b"], 29)
    clock.run(1)
    assert seen == ["a", "b", "c"]
    assert clock.next_at() is None


def test_a_script_goes_on_by_itself():
    clock = Clock()
    seen = []

    def script():
        for _ in range(3):
            seen.append(clock.now)
            yield 100

    clock.spawn(script(), 50)
    clock.run(1000)
    assert seen == [50, 150, 250]


def test_the_time_of_the_firmware_is_virtual():
    def test(chip, machine):
        import time

        before = time.ticks_ms()
        time.sleep_ms(250)
        time.sleep(1.5)
        time.sleep_us(250000)
        assert time.ticks_diff(time.ticks_ms(), before) == 2000
        assert 2000000 <= chip.clock.now < 2001000
        assert time.ticks_add(0x3FFFFFFF, 1) == 0
        assert time.ticks_diff(2, 0x3FFFFFFF) == 3

    on_chip("rp2", test)


def test_a_loop_that_polls_the_time_comes_to_its_end():
    def test(chip, machine):
        import time

        while time.ticks_us() < 5000:
            pass

    on_chip("esp32", test)


def test_the_modules_are_put_back():
    before = [sys.modules.get(name) for name in ("machine", "time", "gc", "asyncio")]
    on_chip("rp2", lambda chip, machine: None)
    assert [sys.modules.get(name) for name in ("machine", "time", "gc", "asyncio")] == before


def test_a_soft_interrupt_waits_until_the_collection_is_over_and_eight_fit():
    def test(chip, machine):
        import gc

        seen = []
        chip.pad(3).attach(Pulses()).train(1000, 1000, 500, 12)
        machine.Pin(3).irq(lambda pin: seen.append(chip.clock.now), machine.Pin.IRQ_FALLING)
        chip.collect_us = 20000
        gc.collect()
        assert seen == [20000] * 8
        assert chip.core.dropped == 4

    for variant in ("rp2", "esp32"):
        on_chip(variant, test)


def test_a_hard_interrupt_does_not_wait_for_the_collection():
    def test(chip, machine):
        import gc

        counted = [0]

        def handler(pin):
            counted[0] += 1

        chip.pad(3).attach(Pulses()).train(1000, 1000, 500, 12)
        machine.Pin(3).irq(handler, machine.Pin.IRQ_FALLING, hard=True)
        chip.collect_us = 20000
        gc.collect()
        assert counted == [12]

    on_chip("rp2", test)


def test_an_interrupt_that_allocates_is_misuse():
    def test(chip, machine):
        pad = chip.pad(3)
        contact = pad.attach(Steady(pad, 1))
        machine.Pin(3).irq(lambda pin: [0] * 10, machine.Pin.IRQ_FALLING, hard=True)
        if MICROPYTHON:
            assert "allocates" in str(raises(Misuse, contact.set, 0))
        else:
            contact.set(0)  # CPython has no heap to lock
        assert (chip.core.locks, chip.core.context) == (0, 0)
        assert [0] * 10  # and the heap is open again

    on_chip("rp2", test)


def test_a_hard_handler_may_read_and_write_pins_and_schedule():
    def test(chip, machine):
        import micropython

        pad = chip.pad(3)
        contact = pad.attach(Steady(pad, 1))
        led = machine.Pin(25, machine.Pin.OUT)
        seen = []
        later = seen.append

        def handler(pin):
            led.value(not pin.value())
            micropython.schedule(later, 7)

        machine.Pin(3, machine.Pin.IN).irq(handler, machine.Pin.IRQ_FALLING, hard=True)
        contact.set(0)
        chip.run_us(100)
        assert (led.value(), seen) == (1, [7])

    on_chip("rp2", test)


def test_with_interrupts_off_the_heap_is_locked():
    def test(chip, machine):
        state = machine.disable_irq()
        try:
            failed = not [0] * 10
        except MemoryError:
            failed = True
        machine.enable_irq(state)
        assert failed == MICROPYTHON  # CPython has no heap to lock
        assert [0] * 10

    on_chip("rp2", test)


def test_an_edge_of_a_time_without_interrupts_is_seen_behind_it_and_only_one():
    def test(chip, machine):
        seen = []
        chip.pad(3).attach(Pulses()).train(1000, 1000, 500, 5)
        machine.Pin(3).irq(lambda pin: seen.append(chip.clock.now), machine.Pin.IRQ_FALLING)
        state = machine.disable_irq()
        chip.run_us(10000)
        assert not seen
        machine.enable_irq(state)
        assert seen == [10000]

    on_chip("rp2", test)


def test_a_flash_erase_stalls_45_to_400_ms_and_loses_pulses_of_interrupts():
    def test(chip, machine):
        counted = [0]

        def handler(pin):
            counted[0] += 1

        chip.pad(3).attach(Pulses()).train(2000, 40000, 20000, 12)
        machine.Pin(3).irq(handler, machine.Pin.IRQ_FALLING)
        flash = Flash(chip, 1, erase_us=(100000, 100000))
        chip.run_us(1000)
        flash.erase()
        chip.run_us(500000)
        # Of the three edges within the erase one is left.
        assert counted == [10]

    for variant in ("rp2", "esp32"):
        on_chip(variant, test)


def test_how_long_an_erase_takes_is_the_flash_s_own_will():
    chip = Chip("rp2", seed=3)
    flash = Flash(chip, 2)
    lengths = []
    for _ in range(200):
        before = chip.clock.now
        flash.ioctl(6, 1)
        lengths.append(chip.clock.now - before)
    assert min(lengths) == 45000
    assert 300000 < max(lengths) <= 400000
    assert flash.stalls == 200
    other = Flash(Chip("rp2", seed=3), 2)
    for _ in range(200):
        other.erase()
    assert other.stalled_us == sum(lengths)


def test_a_block_device_clears_bits_and_erases_sectors():
    chip = Chip()
    flash = Flash(chip, 2)
    assert (flash.ioctl(4, 0), flash.ioctl(5, 0)) == (2, 4096)
    flash.writeblocks(1, b"\x0f", 5)
    flash.writeblocks(1, b"\xf1", 5)
    got = bytearray(2)
    flash.readblocks(1, got, 5)
    assert got == b"\x01\xff"
    flash.writeblocks(1, bytes(4096))
    assert flash.stalls == 1
    flash.ioctl(6, 1)
    flash.readblocks(1, got, 5)
    assert got == b"\xff\xff"


def test_saving_small_records_erases_once_in_fifteen():
    chip = Chip()
    slots = FlashSlots(chip)
    assert slots.load(1) is None
    for _ in range(300):
        slots.save(1, bytes(60))
    assert slots.load(1) == bytes(60)
    assert 10 <= slots.stalls <= 32
    assert len(slots.saves) == 300


def test_an_interrupt_handler_may_not_wait_nor_write_to_flash():
    def test(chip, machine):
        import time

        flash = FlashSlots(chip)
        pad = chip.pad(3)
        contact = pad.attach(Steady(pad, 1))
        pin = machine.Pin(3)
        for wrong in (lambda _: time.sleep_ms(1), lambda _: flash.save(0, b"x")):
            contact.set(1)
            pin.irq(wrong, machine.Pin.IRQ_FALLING, hard=True)
            raises(Misuse, contact.set, 0)
            assert chip.core.context == 0

    on_chip("rp2", test)
