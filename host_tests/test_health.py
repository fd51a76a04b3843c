# SPDX-License-Identifier: MIT
"""Starts, watchdog and crashes: counted, kept, and read over the bus."""

from meters import Meter, Slots
from node import health
from node.health import Health, description
from node.store import Store
from test_commands import register


def opened(slots, cause=health.UNKNOWN):
    return Health(Store(slots.load, slots.save), cause)


def failed(words):
    try:
        raise ValueError(words)
    except ValueError as e:
        return e


def test_every_start_is_counted_and_the_watchdogs_apart():
    slots = Slots()
    for n, cause in enumerate((health.POWER, health.WATCHDOG, health.SOFT, health.WATCHDOG)):
        one = opened(slots, cause)
        assert (one.starts, one.cause, one.due) == (n + 1, cause, True)
        one.save()
        assert not one.due
    assert opened(slots).watchdogs == 2


def test_the_last_four_crashes_are_kept_newest_first():
    slots = Slots()
    for n in range(6):
        one = opened(slots)
        one.crashed(failed("number %d" % n))
    again = opened(slots)
    assert again.crashes == 6
    for n in range(4):
        words = bytes(reversed(again.crash(n)[1:]))
        assert words.endswith(b"number %d" % (5 - n)), words
        assert b"ValueError" in words
    assert again.crash(4) is None and again.crash(-1) is None
    assert opened(Slots()).crash(0) is None


def test_a_long_text_keeps_its_end_and_only_what_can_be_sent():
    words = description(failed("\u00e4\n" + "x" * 400))
    assert words.endswith("x" * 400) and "?" in words and "\n" not in words
    one = opened(Slots())
    one.crashed(failed("y" * 400))
    assert one.crash(0)[0] == 180


def test_all_tasks_must_beat():
    one = opened(Slots())
    assert one.alive(0)
    one.beat("serve", 1000)
    one.beat("look", 2000)
    assert one.alive(4999)
    one.beat("look", 4999)
    assert not one.alive(5000), "serve has been silent for 4 s"
    one.beat("serve", 0x3FFFFFFF)
    one.beat("look", 0x3FFFFFFF)
    assert one.alive(10), "across the wrap"


def test_it_is_read_over_the_bus():
    meter = Meter()
    meter.module.health.crashed(failed("a fault"))
    meter.module.health.store_failures = 3
    again = meter.restarted()
    again.module.health.cause = health.WATCHDOG
    assert register(again, "08FF60") == "01FF6002"
    assert register(again, "08FF61") == "04FF6102000000"
    assert register(again, "08FF62") == "04FF6200000000"
    assert register(again, "08FF63") == "04FF6301000000"
    assert register(again, "08FF64") == "04FF6400000000"
    assert register(again, "08FF65") == "00FFE515", "no link"
    text = register(again, "08FF67")
    assert text.startswith("0DFF67") and "746C75616620612" in text
    assert register(again, "48FF67") == "40FFE715"
