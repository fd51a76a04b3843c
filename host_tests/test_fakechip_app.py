# SPDX-License-Identifier: MIT
"""The firmware's tasks and link on fake chips: asyncio in virtual time, answers in their window."""

from binascii import unhexlify

from chipbench import on_chip
from fakechip.flash import FlashSlots
from fakechip.line import Line, Peer
from fakechip.master import Master
from helpers import raises
from mbus.link import SlaveLink
from mbus.slave import Slave
from mbus.whole import parse
from stations import Device

REQUESTS = [unhexlify(text) for text in ("1040054516", "107B058016", "105B056016")]


class Health:
    """What App wants of it."""

    store_failures = 0

    def beat(self, task, now):
        pass

    def alive(self, now):
        return True


class Module:
    """What App wants of a module: it saves every 10 s, to flash that stalls."""

    def __init__(self, chip):
        self.health = Health()
        self.slots = FlashSlots(chip)
        self.ticks = 0
        self.persisted = None

    def tick(self, now, *_):
        self.ticks += 1

    def due(self, now):
        return self.persisted is None or (now - self.persisted) & 0x3FFFFFFF >= 10000

    def persist(self, now, go_on=None):
        self.persisted = now
        self.slots.save(0, bytes(60))


def serve(chip, baud, module):
    """The firmware: a slave of primary address 5 at a UART."""
    import asyncio

    import machine

    from node.app import App

    uart = machine.UART(1, baud, 8, 0, 1, tx=4, rx=5, rxbuf=600, txbuf=300, timeout_char=44)
    link = SlaveLink(uart, Slave(Device(primary=5)), baud)

    def ticks_ms():
        return (chip.clock.now - chip.started) // 1000 & 0x3FFFFFFF

    def ticks_us():
        return (chip.clock.now - chip.started) & 0x3FFFFFFF

    asyncio.run(App(link, module, ticks_ms, ticks_us).serve())


def test_the_tasks_answer_every_request_in_its_window():
    for variant in ("rp2", "esp32"):
        for baud, every_us in ((300, 3000000), (2400, 700000), (9600, 300000)):

            def test(chip, machine):
                module = Module(chip)
                line = Line(chip.clock)
                chip.wire_uart(line, tx=4, rx=5)
                master = Master(line, baud)
                chip.clock.spawn(master.reading(REQUESTS, every_us), 1000000)
                chip.boot(lambda: serve(chip, baud, module), 25)
                assert chip.crashes == []
                assert master.asked >= 6
                assert (master.silent, master.untimely) == (0, 0), (variant, baud)
                assert (master.stray, master.damaged) == (0, 0)
                for e in master.exchanges[:-2]:
                    assert e.octets == b"\xe5" or parse(bytes(e.octets)).ci == 0x72
                assert module.ticks > 100 and module.slots.saves

            on_chip(variant, test)


def test_tasks_wait_in_virtual_time_and_wake_for_an_octet():
    for variant, late_us in (("rp2", 14000), ("esp32", 0)):

        def test(chip, machine):
            line = Line(chip.clock)
            chip.wire_uart(line, tx=4, rx=5)
            peer = Peer(line, 2400)
            seen = []

            def firmware():
                import asyncio

                import machine

                uart = machine.UART(1, 2400, 8, 0, 1, tx=4, rx=5)
                flag = asyncio.ThreadSafeFlag()

                async def other():
                    for i in range(3):
                        await asyncio.sleep_ms(1000)
                        seen.append((i, chip.clock.now))
                    flag.set()

                async def main():
                    task = asyncio.create_task(other())
                    got = await asyncio.StreamReader(uart).read(1)
                    seen.append((got, chip.clock.now))
                    await flag.wait()
                    seen.append(("flag", chip.clock.now))
                    assert task.done()

                asyncio.run(main())

            end = peer.say(b"\xe5", at=1500000)
            chip.boot(firmware, 10)
            assert not chip.crashes and [what for what, _ in seen] == [0, b"\xe5", 1, 2, "flag"]
            times = zip((1300000, end + late_us, 2300000, 3300000), seen)
            assert max([abs(at - us) for at, (_, us) in times]) < 5000, (variant, seen)

        on_chip(variant, test)


def test_a_watchdog_ends_tasks_that_hang_and_they_start_anew():
    def test(chip, machine):
        def firmware():
            import asyncio

            import machine

            async def main():
                wdt = machine.WDT(timeout=3000)
                for _ in range(4):
                    await asyncio.sleep_ms(1000)
                    wdt.feed()
                while True:
                    await asyncio.sleep_ms(100)

            asyncio.run(main())

        chip.boot(firmware, 30)
        assert [cause for _, cause in chip.boots] == ["power"] + ["watchdog"] * 4
        assert chip.crashes == []

    on_chip("rp2", test)


def test_no_task_of_before_a_reset_goes_on():
    def test(chip, machine):
        seen = []

        def firmware():
            import asyncio

            n = len(chip.boots)

            async def main():
                while True:
                    await asyncio.sleep_ms(100)
                    seen.append(n)

            asyncio.run(main())

        chip.clock.at(5000000, chip.reset, "watchdog")
        chip.boot(firmware, 10)
        assert 1 in seen and seen.index(2) == len(seen) - seen.count(2)

    for variant in ("rp2", "esp32"):
        on_chip(variant, test)


def test_no_task_left_is_told():
    def test(chip, machine):
        def firmware():
            import asyncio

            async def main():
                await asyncio.Event().wait()

            asyncio.run(main())

        chip.boot(firmware, 1)

    on_chip("esp32", test)


def test_a_wait_for_nothing_is_no_firmware_s_end():
    def test(chip, machine):
        from fakechip.looping import wait

        raises(RuntimeError, wait, chip, -1, lambda: False)

    on_chip("rp2", test)
