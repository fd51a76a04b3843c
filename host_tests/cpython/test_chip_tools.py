# SPDX-License-Identifier: MIT
"""What joins the emulated chip to a measurement: contacts, mains, relay, our master, the table."""

import random
from pathlib import Path

import pytest
from test_chip_uart import Bench

import chiptable
import onchip
from chip import jobs, measure, stack
from chip.bus import Bus
from chip.clocks import Scheduler
from chip.pins import Contact, Mains, Relay
from mbus.failures import MasterError
from mbus.frame import Frame

IMAGE = "an image of MicroPython is needed: say CHIP_UF2=path, and see README.md"
MS = 1000


class Wired:
    """A pin that notes what is done to it."""

    def __init__(self, scheduler):
        self.scheduler, self.levels, self.listeners = scheduler, [], []

    def drive(self, level):
        if not self.levels or self.levels[-1][1] != level:
            self.levels.append((self.scheduler.now_us, level))

    def changes(self):
        return [(round(us), level) for us, level in self.levels]


class Clock:
    """A clock that jumps from alarm to alarm."""

    def __init__(self):
        self.nanos = 0.0

    def create_alarm(self, function):
        self.due, self.function = None, function
        return self

    def schedule(self, ns):
        self.due = self.nanos + ns

    def run_us(self, us):
        end = self.nanos + us * 1e3
        while self.due is not None and self.due <= end:
            self.nanos, self.due = self.due, None
            self.function()
        self.nanos = end


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def scheduler(clock):
    return Scheduler(clock)


def test_events_come_in_order_and_those_of_one_time_as_they_were_given(clock, scheduler):
    heard = []
    for us, name in ((30, "d"), (10, "a"), (10, "b"), (20, "c")):
        scheduler.at(us, lambda name=name: heard.append((name, scheduler.now_us)))
    scheduler.at(15, lambda: heard.append("never")).cancel()
    clock.run_us(25)
    assert heard == [("a", 10), ("b", 10), ("c", 20)]
    scheduler.after(0, lambda: heard.append("now"))
    clock.run_us(5)
    assert heard[3:] == ["now", ("d", 30)]


def test_a_contact_bounces_and_ends_as_it_should(clock, scheduler):
    pin = Wired(scheduler)
    contact = Contact(pin, scheduler, random.Random(1), 5 * MS)
    contact.run(40 * MS, 20 * MS, count=3)
    clock.run_us(150 * MS)
    assert contact.closed == 3
    changes = pin.changes()
    assert len(changes) > 20
    for begin in (0, 40 * MS, 80 * MS):
        inside = [us for us, _ in changes if begin <= us < begin + 20 * MS]
        assert max(inside) <= begin + 5 * MS
        level = [level for us, level in changes if us < begin + 20 * MS][-1]
        assert level == 0
    assert changes[-1][1] == 1


def test_mains_are_pulses_while_they_are_there(clock, scheduler):
    pin = Wired(scheduler)
    mains = Mains(pin, scheduler)
    clock.run_us(50 * MS)
    mains.set(True)
    clock.run_us(50 * MS)
    mains.set(False)
    clock.run_us(50 * MS)
    falls = [us for us, level in pin.changes() if not level]
    assert falls == [50 * MS, 70 * MS, 90 * MS]
    assert pin.levels[-1][1] == 1


def test_a_relay_follows_pulses_that_are_long_enough(clock, scheduler):
    on, off, feedback = (Wired(scheduler) for _ in range(3))
    relay = Relay(on, off, feedback, scheduler)
    for pin, ms, closed in ((off, 5, True), (off, 100, False), (on, 30, True)):
        pin.listeners[0](1)
        clock.run_us(ms * MS)
        pin.listeners[0](0)
        assert relay.closed is closed
        assert feedback.levels[-1][1] == 1 - closed
    assert [(coil, round(us)) for coil, _, us in relay.pulses] == [
        ("off", 5 * MS),
        ("off", 100 * MS),
        ("on", 30 * MS),
    ]
    assert not relay.overlaps
    on.listeners[0](1)
    off.listeners[0](1)
    assert relay.overlaps


def test_our_master_sees_no_answer_and_a_late_one():
    bench = Bench()
    bus = Bus(bench.pico, bench.joined, bench.uart)
    with pytest.raises(MasterError):
        bus.read(5)
    assert all(reply.begin_us is None for reply in bus.replies)
    bus.replies.clear()
    # The answer is put into the UART as a processor would.
    bench.pico.scheduler.after(120 * MS, lambda: bench.put(0, 0xE5))
    assert bus.run(bus.master.reset(5))
    (reply,) = bus.replies
    assert 0 < reply.after_us < 120 * MS
    assert [round(us) for us in reply.window_us] == [4583, 187_500]


def test_times_are_told_against_the_window():
    class Reply:
        window_us = (4_583, 187_500)

        def __init__(self, ms):
            self.begin_us = None if ms is None else 0
            self.after_us = ms and ms * 1e3

    times = measure.reply_times([Reply(ms) for ms in (3, 5, 6, 200, None)], 2400)
    assert (times["count"], times["unanswered"], times["outside"]) == (4, 1, 2)
    assert (times["minimum_ms"], times["median_ms"], times["maximum_ms"]) == (3, 5.5, 200)
    assert (times["target_median_ms"], times["target_maximum_ms"]) == (6.58, 12.58)


def test_the_slowest_answers_are_told_with_the_flash_work_around_them():
    class Reply:
        octets = b"\x10\x7b\x05\x80\x16"

        def __init__(self, end_ms, after_ms):
            self.end_us = end_ms * 1_000
            self.after_us = after_ms and after_ms * 1_000
            self.begin_us = after_ms and self.end_us + self.after_us

    heard = [Reply(1_000, 2), Reply(2_000, 12), Reply(3_000, None), Reply(4_000, 7)]
    operations = [(1_940_000, 4096, 0), (1_999_500, 256, 8192), (2_012_500, 256, 8448)]
    assert measure.slowest(heard, operations, 2) == [
        ["107b058016", 12.0, [[-0.5, 256, 8192]]],
        ["107b058016", 7.0, []],
    ]


def test_values_are_found_in_telegrams():
    header = bytes.fromhex("785634120d17010201000000")
    data = header + bytes.fromhex("04042a00000084100407000000")
    frames = [Frame(0x08, 5, 0x72, data)]
    assert measure.value(frames, "energy") == 420
    assert measure.pulses(frames) == 42
    assert measure.pulses(frames, 1) == 7
    assert measure.pulses(frames, 2) is None
    assert measure.value(frames, "power") is None


def test_jobs_go_on_from_where_the_process_is():
    state = [7]

    def good(n):
        state.append(n)
        return {"state": state}

    def bad():
        raise ValueError("on purpose")

    heard = []
    results = jobs.run(
        {"one": lambda: good(1), "bad": bad, "two": lambda: good(2)},
        told=lambda name, _: heard.append(name),
    )
    assert results["one"] == {"state": [7, 1], "cpu_s": 0}
    assert results["two"] == {"state": [7, 2], "cpu_s": 0}
    assert "on purpose" in results["bad"]["error"]
    assert sorted(heard) == ["bad", "one", "two"]
    assert state == [7]


def test_a_table_is_made_of_the_results():
    start = {"checks": 1, "wrong": [], "alive_ms": 900, "first_answer_ms": 950}
    start.update(heap_free=120_000, heap=240_000)
    times = dict.fromkeys(
        "earliest minimum median maximum latest target_median target_maximum".split(), 1
    )
    times = {key + "_ms": value for key, value in times.items()}
    times.update(count=30, unanswered=2, outside=0)
    results = {
        "start": start,
        "replies at 300": {"checks": 2, "wrong": ["1 of 2"], "replies": {300: times}},
        "hang": {"error": "Traceback"},
    }
    text = "\n".join(chiptable.table(results))
    assert "Alive after 900 ms" in text
    assert "| replies at 300 | 30 | 2 | 1 | 1 | 1 | 1 | 1 | 1, 1 |" in text
    assert chiptable.faults(results) == ["replies at 300: 1 of 2", "hang: Traceback"]


def test_the_tables_go_between_their_marks(tmp_path, monkeypatch):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- chip -->\nold\n<!-- /chip -->\nbehind\n")
    monkeypatch.setattr(chiptable, "README", readme)
    start = {"alive_ms": 900, "first_answer_ms": 1000, "heap_free": 1, "heap": 2}
    start.update(image="MicroPython v1.28.0; Raspberry Pi Pico", checks=1, wrong=[])
    decoding = {"checks": 2, "wrong": [], "ms": 20, "slowest": [["107b058016", 12.4, []]]}
    chiptable.into_readme({"start": start, "decoding": decoding})
    text = readme.read_text()
    assert text.startswith("before\n<!-- chip -->\nMade of one run")
    assert text.endswith("<!-- /chip -->\nbehind\n") and "old" not in text
    assert "| decoding | 2 | 0 | ms 20 |" in text


def test_without_an_image_it_says_where_to_get_one(capsys):
    for arguments in ([], ["/nowhere.uf2"]):
        assert onchip.main(arguments) == 2
        assert "micropython.org" in capsys.readouterr().err


def test_a_module_starts_and_answers_on_a_stock_image(tmp_path):
    import os

    image = os.environ.get("CHIP_UF2", "")
    if not Path(image).is_file():
        pytest.skip(IMAGE)
    from chip import device

    made = device.Device(device.flash(image, device.module_files()))
    assert made.boot().startswith("alive 123456780D170102 primary=5")
    assert len(made.bus.read(5)) == 2


def test_what_is_left_of_the_stack_is_what_nobody_has_written_to():
    class Chip:
        sram = memoryview(bytearray(270336))
        core = type("Core", (), {"sp": stack.BOTTOM + 8000})

    chip, at = Chip(), stack.BOTTOM - 0x20000000
    chip.sram[at - 1] = chip.sram[at + 8000] = 7
    stack.fill(chip)
    assert stack.unused(chip) == 8000 - 64
    assert chip.sram[at - 1] == chip.sram[at + 8000] == 7
    for unused in (5000, 1024, 1023, 0):
        chip.sram[at + unused] = 0
        assert stack.unused(chip) == unused
        device = type("Device", (), {"pico": type("Pico", (), {"rp2040": chip})})
        result = measure.Checks(device).result()
        wrong = ["only %d octets of stack were left" % unused]
        assert result["wrong"] == ([] if unused >= 1024 else wrong)
        assert (result["stack_unused"], result["checks"]) == (unused, 1)
