# SPDX-License-Identifier: MIT
"""What a meter with a key sends at each security level."""

from securedmeter import FIRST, CutSlots, Owner
from securedtelegrams import octets, sealed

# isort: split
from mbus.secured import READOUT, Envelope
from node.keyring import provision
from stations import select

SERIAL = octets("0C 78")


def clear_records(**given):
    return Owner(0, None, **given).readout()


def test_below_level_2_read_outs_are_clear():
    expected = clear_records()
    for level in (0, 1):
        assert Owner(level).readout() == expected


def test_levels_2_and_3_encrypt_the_same_records():
    expected = b"".join(one.rstrip(b"\x1f") for one in clear_records())
    for level in (2, 3):
        owner = Owner(level)
        telegrams = owner.readout()
        assert len(telegrams) > 1
        assert all(one[-1] == 0x1F for one in telegrams[:-1])
        assert b"".join(one.rstrip(b"\x1f") for one in telegrams) == expected


def test_the_form_is_that_of_the_standard():
    for level, mode in ((2, 5), (3, 7)):
        owner = Owner(level)
        telegram = owner.ask()
        records, envelope = owner.opened(telegram)
        assert envelope.mode == mode
        number = bytes(owner.module.identification)
        at = 0 if mode == 5 else 17
        assert telegram[at] == 0x72 and telegram[at + 1 : at + 9] == number
        blocks = telegram[at + 11] >> 4
        assert telegram[at + 11 : at + 13] == bytes((blocks << 4, mode))
        # The fabrication number is inside, and so is all else.
        assert SERIAL in records and SERIAL not in telegram
        counter = {5: None, 7: 1}[mode]
        again = sealed(
            0x72, mode, records, counter, owner.key, number, envelope.access, telegram[at + 10]
        )
        assert again == telegram


def test_each_telegram_has_a_counter_and_an_access_number_of_its_own():
    owner = Owner(3)
    owner.readout()
    first = owner.highest
    assert first > 1
    seen = set()
    for _ in range(5):
        owner.rig.pass_time(2000)
        before = owner.highest
        telegram = owner.ask(0x7B)
        access = owner.opened(telegram)[1].access
        assert owner.highest == before + 1 and access not in seen
        seen.add(access)


def test_a_repetition_is_sent_octet_for_octet():
    for level in (2, 3):
        owner = Owner(level)
        telegram = owner.ask(0x7B)
        assert owner.ask(0x7B) == telegram
        owner.opened(telegram)
        assert owner.ask(0x5B) != telegram


def test_telegrams_hold_what_fits_and_no_more():
    # Everything there is, which is many telegrams.
    for level, most in ((0, 234), (2, 222), (3, 206)):
        owner = Owner(level)
        assert owner.clear("7F") == 0
        telegrams = owner.readout()
        assert len(telegrams) > 2
        sizes = [len(one) for one in telegrams]
        assert max(sizes) <= most
        assert max(sizes) > most - 20


def test_an_application_counts_its_telegrams_as_they_are_sent():
    # The telegrams of an application are fewer where each of them holds more.
    counts = []
    for level in (0, 3):
        owner = Owner(level)
        n = 0
        while n < 15 and owner.clear("%02X" % (0x41 + n), ci=0x50) == 0:
            n += 1
            record = owner.readout()
            assert len(record) == 1
        counts.append(n)
    assert 1 <= counts[0] <= counts[1]


def test_made_ahead_is_as_good_as_made_when_asked():
    for level in (2, 3):
        owner, other = Owner(level), Owner(level)
        for _ in range(200):
            owner.module.tick(owner.line.now)
        assert owner.readout() == other.readout()


def test_counters_go_on_after_a_power_cut():
    owner = Owner(3)
    owner.readout()
    for _ in range(3):
        before = owner.highest
        owner.start()
        assert owner.opened(owner.ask())[1].counter > before


def test_counters_are_reserved_when_the_line_is_quiet():
    owner = Owner(3)
    assert owner.module.due(owner.line.now) is False  # the start has been stored with them
    written = owner.slots.writes
    owner.ask()
    assert owner.slots.writes == written


def test_without_a_counter_nothing_is_sent():
    owner = Owner(3)
    ring = owner.module.keyring
    ring._next = ring._end = 0xFFFFFFFF
    for c in (0x7B, 0x7B, 0x5B):
        assert owner.line.short(c, 5) == "E5"
    ring._next = ring._end = 200
    owner.slots.full = True
    assert owner.line.short(0x7B, 5) == "E5"
    owner.slots.full = False
    assert owner.opened(owner.ask(0x5B))[1].counter == 201


def test_without_a_key_that_can_be_read_nothing_is_sent():
    slots = CutSlots()
    provision(slots, FIRST, 3)
    slots.octets[18] = slots.octets[19] = b"?"
    owner = Owner(3, None, slots)
    assert owner.line.short(0x7B, 5) == "E5"
    assert owner.clear("01 FF 13 02") == 0x10
    assert owner.line.short(0x40, 5) == "E5"


def test_selection_needs_no_key_and_tells_nothing():
    for level in (2, 3):
        owner = Owner(level)
        serial = owner.module.serial
        assert select(owner.line, "78563412FFFFFFFF") == "E5"
        digits = "".join("%02X" % octet for octet in serial)
        assert select(owner.line, "FFFFFFFFFFFFFFFF0C78" + digits) == "E5"
        assert select(owner.line, "FFFFFFFFFFFFFFFF0C7899999999") == ""
        assert select(owner.line, "FFFFFFFFFFFFFFFF0C78FFFFFFFF") == "E5"
        reply = octets(owner.line.short(0x7B, 0xFD))[6:-2]
        assert SERIAL in owner.opened(reply)[0]


def test_alarms_and_errors_of_a_request_stay_clear():
    owner = Owner(3)
    owner.module.meter.alarms = 0x04
    assert owner.line.short(0x7A, 5).startswith("680404680805710")
    owner.clear("08")  # cut off
    assert owner.line.short(0x7B, 5)[12:14] == "70"
    assert owner.opened(owner.ask(0x5B))


def test_the_registers_of_security_show_what_there_is():
    for level in range(4):
        owner = Owner(level)
        owner.command("01 FF 13 01")
        assert owner.clear("08 FF 30 08 FF 31 08 FD 08") == 0
        records = owner.readout()[0]
        assert records == octets("01 FF 30 %02X 01 FF 31 01 04 FD 08 01 00 00 00" % level)
    owner = Owner(0, None)
    owner.clear("08 FF 30 08 FF 31")
    assert owner.readout()[0] == octets("01 FF 30 00 00 FF B1 15")


def test_another_meters_key_opens_nothing():
    owner = Owner(3)
    telegram = owner.ask()
    envelope = Envelope()
    number = bytes(owner.module.identification)
    assert envelope.read(telegram, 0, len(telegram), READOUT, number) == 0
    assert envelope.open(Owner(3, bytes(16)).key) == 0x8A
