# SPDX-License-Identifier: MIT
"""The search by primary address, on buses where answers overlap."""

from fakeline import WORKED, bus, found_as, run, text
from mbus.master import DAMAGED, Master
from mbus.search import primary


def scan(line, *args, **kw):
    """[(address, reply)] of a primary search."""
    found, master = [], Master()
    run(line, master, primary(master, lambda a, r: found.append((a, r)), *args, **kw))
    return found


def test_a_primary_search_finds_all_and_learns_their_secondary_addresses():
    line = bus(*WORKED[:3])
    found = scan(line, range(6))
    assert [address for address, _ in found] == [1, 2, 3]
    assert [text(r.data[:8]) for _, r in found] == found_as(*WORKED[:3])


def test_a_primary_search_tries_all_of_0_to_250():
    line = bus(WORKED[0])
    line.meters[0].primary = 250
    assert [address for address, _ in scan(line)] == [250]
    assert line.count == 2 * 251


def test_a_meter_that_does_not_answer_snd_nke_is_found_by_req_ud2():
    line = bus(*WORKED[:2])
    line.meters[1].deaf_to = (0x40,)
    assert [address for address, _ in scan(line, range(4))] == [1, 2]


def test_a_meter_that_answers_snd_nke_only_is_found_without_telegram():
    for silent in (True, False):
        line = bus(WORKED[0])
        if silent:
            line.meters[0].deaf_to = (0x5B,)
        else:
            line.meters[0].records = ()
        assert scan(line, range(4)) == [(1, None)], silent


def test_two_meters_at_one_address_are_reported_as_such():
    for apart_ms in (0, 3, 60):
        line = bus(*WORKED[:2])
        line.meters[1].primary = 1
        line.meters[1].delay_ms = line.meters[0].delay_ms + apart_ms
        assert scan(line, range(4)) == [(1, DAMAGED)], apart_ms


def test_a_damaged_answer_to_snd_nke_alone_is_reported_as_damage():
    line = bus()
    line.faults = {2: lambda octets: b"\xfe"}
    assert scan(line, range(4)) == [(1, DAMAGED)]


def test_after_a_primary_search_every_address_begins_with_snd_nke():
    line, master = bus(WORKED[0]), Master()
    run(line, master, master.read(1, len))
    run(line, master, primary(master, lambda a, r: None, (1,)))
    run(line, master, master.read(1, len))
    assert [t[2:6] for t in line.sent()[4:]] == ["4001", "7B01"]


def test_the_progress_of_a_primary_search_counts_the_addresses():
    seen = []
    scan(bus(), (4, 7), progress=lambda done, address: seen.append((done, address)))
    assert seen == [(0.0, 4), (0.5, 7)]
