# SPDX-License-Identifier: MIT
"""The reader role: rounds over meters, what it tells of each, and of those that are silent."""

import json

from fakeline import FakeLine, FakeMeter
from helpers import raises
from masterline import OTHER, SECONDARY, lost
from mbus.exchange import MasterLink
from mbus.master import Master
from reader.rounds import Reader, place

VOLUME = b"\x0c\x13\x27\x04\x85\x02"  # 2850.427 m3
BOTH = (VOLUME + b"\x1f", b"\x04\x6d\x2d\x27\x36\x3b")


class Bench:
    def __init__(self, places, meters, every_ms=60_000):
        self.line = FakeLine(meters)
        self.lines = []
        link = MasterLink(self.line, Master(tries=2), self.line.baud, "off")
        self.reader = Reader(link, places, every_ms, self.lines.append)

    def run(self, ms):
        end = self.line.ms + ms
        while self.line.ms < end:
            wait_ms = self.reader.poll(self.line.now)
            self.line.advance(min(wait_ms, end - self.line.ms))
        return [json.loads(line) for line in self.lines]


def test_each_record_is_a_line_with_its_number_digit_for_digit():
    bench = Bench(["5"], [FakeMeter(SECONDARY, 5, records=BOTH)])
    told = bench.run(10_000)
    assert len(told) == 2
    assert told[0]["address"] == "5" and told[0]["meter"] == "123456780D170102"
    assert (told[0]["name"], told[0]["unit"], told[0]["function"]) == (
        "volume",
        "m³",
        "instantaneous",
    )
    assert '"value": 2850.427}' in bench.lines[0]
    assert told[1]["value"] == "2025-11-22T07:45"
    assert (told[0]["storage"], told[0]["tariff"], told[0]["subunit"]) == (0, 0, 0)


def test_meters_are_read_in_turn_and_again():
    meters = [FakeMeter(SECONDARY, 5), FakeMeter(OTHER, 6)]
    bench = Bench(["5", "6", "12345678", "123456790D170102"], meters)
    told = bench.run(30_000)
    assert [line["address"] for line in told] == ["5", "6", "12345678", "123456790D170102"]
    assert bench.reader.rounds == 1 and bench.reader.failures == 0
    assert len(bench.run(60_000)) == 8
    assert bench.reader.rounds == 2


def test_a_round_that_takes_longer_than_its_interval_is_followed_by_the_next():
    bench = Bench(["5"], [FakeMeter(SECONDARY, 5)], every_ms=10)
    assert bench.run(5_000) and bench.reader.rounds > 5


def test_a_silent_meter_is_told_and_does_not_hold_up_the_others():
    bench = Bench(["9", "5"], [FakeMeter(SECONDARY, 5)])
    told = bench.run(30_000)
    assert told[0]["address"] == "9" and "no answer" in told[0]["error"]
    assert told[1]["meter"] == "123456780D170102"
    assert bench.reader.failures == 1


def test_a_lost_answer_is_asked_for_again():
    bench = Bench(["5"], [FakeMeter(SECONDARY, 5)])
    bench.line.faults[1] = lost
    told = bench.run(20_000)
    assert len(told) == 1 and "error" not in told[0]


def test_an_overloaded_bus_is_told_once_and_left_alone():
    bench = Bench(["5"], [FakeMeter(SECONDARY, 5)])
    for _ in range(3):
        assert bench.reader.poll(bench.line.now, overload=True) > 0
    assert bench.line.count == 0
    assert [json.loads(line) for line in bench.lines] == [
        {"error": "the supply of the bus is overloaded"}
    ]
    assert len(bench.run(10_000)) == 2, "it goes on when that is over"


def test_addresses_are_checked():
    assert place("0") == 0 and place("250") == 250
    assert place("12345678") == b"\x78\x56\x34\x12\xff\xff\xff\xff"
    for text in ("251", "", "x1", "-1", "1234", "123456789", "1234567G", "12345678ABCDEFG1"):
        raises(ValueError, place, text)
