# SPDX-License-Identifier: MIT
"""The search by secondary address, on buses where answers overlap."""

from binascii import unhexlify

from fakeline import WORKED, bus, found_as, long_frame, run, text
from mbus.header import secondary_octets, secondary_text
from mbus.master import DAMAGED, Master
from mbus.search import secondary


def find(line, *args, **kw):
    """[(address as text, reply)] of a secondary search."""
    found, master = [], Master()
    run(line, master, secondary(master, lambda a, r: found.append((text(a), r)), *args, **kw))
    return found


def selections(line):
    return [octets for _, octets in line.writes if octets[0] == 0x68]


def test_an_empty_bus_costs_one_selection():
    line = bus()
    assert find(line) == []
    assert line.sent()[:2] == ["1040FD3D16"] * 2
    assert [text(t) for t in selections(line)] == ["680B0B6853FD52FFFFFFFFFFFFFFFF9A16"]


def test_a_single_meter_is_found_by_the_first_probe_and_learnt_from_its_telegram():
    line = bus(WORKED[0])
    ((address, reply),) = find(line)
    assert [address] == found_as(WORKED[0])
    assert reply.ci == 0x72
    assert line.sent()[3] == "107BFD7816"
    assert line.count == 4


def test_the_worked_example_takes_80_selections_behind_the_first_probe():
    line = bus(*WORKED)
    assert [address for address, _ in find(line)] == found_as(*WORKED)
    assert line.selections == 1 + 80
    assert text(selections(line)[1]) == "680B0B6853FD52FFFFFF0FFFFFFFFFAA16"
    assert text(selections(line)[2]) == "680B0B6853FD52FFFFFF1FFFFFFFFFBA16"


def test_clean_acknowledgements_that_coincide_are_told_apart_by_req_ud2():
    line = bus(*WORKED)
    for meter in line.meters:
        meter.delay_ms = 10
    assert [address for address, _ in find(line)] == found_as(*WORKED)
    assert line.selections == 1 + 80


def test_every_meter_is_handed_over_when_it_is_found():
    line, master, seen = bus(*WORKED), Master(), []
    run(line, master, secondary(master, lambda a, r: seen.append(line.count)))
    assert seen == sorted(set(seen))
    assert len(seen) == 4
    assert seen[-1] < line.count


def test_a_mask_restricts_the_search():
    for mask, hits, tries in (
        ("1FFFFFFFFFFFFFFF", WORKED[:2], 1 + 70),
        ("FFFFFF33FFFFFFFF", WORKED[2:3], 1),
        ("1449100FFFFFFFFF", WORKED[:2], 1 + 10),
        ("FFFFFFFF0D17FFFF", WORKED, 1 + 80),
        ("FFFFFFFF0D18FFFF", (), 1),
        ("FFFFFFF8FFFFFFFF", WORKED[1:2], 1),
    ):
        line = bus(*WORKED)
        found = find(line, secondary_octets(mask))
        assert [address for address, _ in found] == found_as(*hits), mask
        assert line.selections == tries, mask


def test_one_identification_number_and_other_device_types():
    twins = ("123456780D170102", "123456780D170107")
    assert [address for address, _ in find(bus(*twins))] == found_as(*twins)


def test_one_identification_number_and_other_versions():
    twins = ("123456780D170102", "123456780D17FE02")
    mask = secondary_octets("12345678FFFFFFFF")
    assert [address for address, _ in find(bus(*twins), mask)] == found_as(*twins)


def test_one_identification_number_and_other_manufacturers():
    mask = secondary_octets("12345678FFFF0102")
    for twins in (
        ("123456780D170102", "123456782D2C0102"),
        ("123456780D170102", "123456780D2C0102"),
    ):
        assert [address for address, _ in find(bus(*twins), mask)] == found_as(*twins)


def test_device_types_above_3f_are_tried_where_the_others_explain_nothing():
    twins = ("123456780D1701A2", "123456780D1701A7")
    mask = secondary_octets("123456780D1701FF")
    assert [address for address, _ in find(bus(*twins), mask)] == found_as(*twins)


def test_equal_secondary_addresses_are_told_apart_by_fabrication_number():
    same = "123456780D170102"
    line = bus(same, same, numbers=("21436587", "22436587"))
    found = find(line, secondary_octets(same))
    assert [address for address, _ in found] == [
        found_as(same)[0] + "0C7821436587",
        found_as(same)[0] + "0C7822436587",
    ]
    # The address of each reaches it alone.
    for address, _ in found:
        master, frames = Master(), []
        run(line, master, master.read(unhexlify(address), frames.append))
        assert text(frames[0].data[14:18]) == address[20:28]


def test_equal_secondary_addresses_without_fabrication_numbers_are_reported():
    same = "123456780D170102"
    found = find(bus(same, same), secondary_octets(same))
    assert found == [(found_as(same)[0], DAMAGED)]


def test_one_fabrication_number_of_two_leaves_the_other_reported():
    same = "123456780D170102"
    found = find(bus(same, same, numbers=("21436587", None)), secondary_octets(same))
    assert [address for address, _ in found] == [
        found_as(same)[0] + "0C7821436587",
        found_as(same)[0],
    ]
    assert found[1][1] is DAMAGED


def test_equal_fabrication_numbers_are_reported():
    same = "123456780D170102"
    found = find(bus(same, same, numbers=("21436587",) * 2), secondary_octets(same))
    assert found == [(found_as(same)[0] + "0C7821436587", DAMAGED)]


def test_digits_a_to_e_are_tried_where_a_collision_is_not_explained():
    pair = ("1234567A0D170102", "1234567C0D170102")
    assert [address for address, _ in find(bus(*pair))] == found_as(*pair)
    mixed = ("A23456780D170102", "123456780D170102", "223456780D170102")
    assert [address for address, _ in find(bus(*mixed))] == found_as(*mixed[1:])
    found = find(bus(*mixed), hexadecimal=True)
    assert sorted(address for address, _ in found) == sorted(found_as(*mixed))


def test_a_meter_with_a_telegram_without_header_is_found_as_it_was_selected():
    line = bus(*WORKED[1:3])
    for meter in line.meters:
        meter.ci = 0x78
    assert [secondary_text(unhexlify(a)) for a, _ in find(line)] == [
        "1FFFFFFFFFFFFFFF",
        "3FFFFFFFFFFFFFFF",
    ]


def test_a_meter_without_data_is_found_by_its_number():
    line = bus(WORKED[0])
    line.meters[0].records = ()
    assert find(line) == [(text(secondary_octets("14491001FFFFFFFF")), None)]


def test_a_meter_that_sends_e5_twice_is_found():
    line = bus(WORKED[0])
    line.meters[0].handle = lambda octets, handle=line.meters[0].handle: (
        handle(octets) * 2 if handle(octets) == b"\xe5" else handle(octets)
    )
    assert [address for address, _ in find(line)] == found_as(WORKED[0])


def test_a_collision_that_was_noise_reports_nothing():
    line = bus()
    line.faults = {2: lambda octets: b"\xfe"}
    assert find(line) == []
    assert line.selections == 1 + 15 + 1


def unlike(meter, change):
    """Make a meter see selections otherwise than they are: change(the 8 octets of the mask)."""
    handle = meter.handle

    def handle_changed(octets):
        if octets[0] == 0x68:
            octets = long_frame(0x53, 253, 0x52, change(bytearray(octets[7:15])))
        return handle(octets)

    meter.handle = handle_changed


def test_a_field_no_value_of_which_is_answered_is_left_wild():
    # A device type FFh cannot be told from the wildcard.
    twins = ("123456780D1701FF", "123456780D1702FF")
    mask = secondary_octets("123456780D17FFFF")
    assert [address for address, _ in find(bus(*twins), mask)] == found_as(*twins)


def test_a_meter_that_ignores_a_digit_is_reported_once():
    line = bus(*WORKED[:2])

    def ignore_first_digit(mask):
        mask[3] |= 0xF0
        return mask

    unlike(line.meters[1], ignore_first_digit)
    assert sorted(address for address, _ in find(line)) == found_as(*WORKED[:2])


def test_half_an_octet_as_a_wildcard_finds_nobody_twice_and_hides_nobody():
    def widen(own):
        def change(mask):
            for at in range(4, 8):
                if mask[at] & 0x0F == 0x0F:
                    mask[at] = mask[at] & 0xF0 | own[at] & 0x0F
                if mask[at] >= 0xF0:
                    mask[at] = own[at] & 0xF0 | mask[at] & 0x0F
            return mask

        return change

    for versions in (("01", "02"), ("11", "1F"), ("2F", "F1"), ("00", "A0")):
        twins = ["123456780D17%s02" % version for version in versions]
        line = bus(*twins)
        for meter in line.meters:
            unlike(meter, widen(meter.secondary))
        mask = secondary_octets("12345678FFFFFF02")
        found = [address for address, _ in find(line, mask)]
        expected = found_as(*twins)
        if "1F" in versions:
            # The other one answers to it as well: what collides there is reported.
            expected[1] = "78563412FFFF1F02"
        assert sorted(found) == sorted(expected), versions
        assert line.selections == 1 + 255, versions


def test_meters_that_know_no_wildcard_digits_are_reported_where_they_collide():
    line = bus(*WORKED[:2])
    for meter in line.meters:
        own = meter.secondary[:4]
        unlike(meter, lambda mask, own=own: mask if mask[:4] in (own, b"\xff" * 4) else bytes(8))
    assert find(line) == [("F" * 16, DAMAGED)]


def test_a_damaged_telegram_of_a_single_meter_does_not_lose_it():
    for fault in (lambda octets: b"", lambda octets: octets[:-1], lambda octets: b"\xfe"):
        for at in (2, 3):
            line = bus(WORKED[0])
            line.faults = {at: fault}
            found = find(line, tries=2)
            assert [address for address, _ in found] == found_as(WORKED[0]), at


def test_silence_is_believed_after_as_many_selections_as_asked_for():
    for tries in (1, 2, 3):
        line = bus()
        assert find(line, tries=tries) == []
        assert line.selections == tries


def test_progress_grows_from_0_to_1_and_names_the_mask():
    line, seen, first = bus(*WORKED), [0.0], []

    def progress(done, mask):
        assert done >= seen[-1] - 1e-6
        seen[-1] = done
        if len(first) < 2:
            first.append(mask)

    find(line, progress=progress)
    assert 0.8 < seen[-1] <= 1.0
    assert first == [b"\xff" * 8, unhexlify("FFFFFF0FFFFFFFFF")]
