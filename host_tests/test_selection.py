# SPDX-License-Identifier: MIT
"""Which masks select the meter 12345678 0D17 01 02 with serial number 87654321 at address 5."""

from binascii import unhexlify

from mbus.selection import matches

OWN = "785634120D170102"


class Meter:
    def __init__(self, serial="21436587"):
        self.identification = bytearray(unhexlify(OWN))
        self.serial = unhexlify(serial) if serial else None
        self.primary = 5


# fmt: off
MASKS = (
    # mask                                          selected
    ("785634120D170102",                            True),
    ("78563412FFFFFFFF",                            True),
    ("FFFFFFFFFFFFFFFF",                            True),
    ("795634120D170102",                            False),
    ("785634130D170102",                            False),
    # a digit each, in both halves of each octet of the identification number
    ("7F5634120D170102",                            True),
    ("F85634120D170102",                            True),
    ("78F634120D170102",                            True),
    ("785F34120D170102",                            True),
    ("7856F4120D170102",                            True),
    ("78563F120D170102",                            True),
    ("785634F20D170102",                            True),
    ("7856341F0D170102",                            True),
    ("FFFFFF1FFFFFFFFF",                            True),
    ("FFFFFF2FFFFFFFFF",                            False),
    ("F9FFFFFFFFFFFFFF",                            False),
    # digits A to E mean only themselves
    ("7A563412FFFFFFFF",                            False),
    ("E8563412FFFFFFFF",                            False),
    # manufacturer, version, device type: octets and, beyond the standard, digits
    ("78563412FF170102",                            True),
    ("785634120DFF0102",                            True),
    ("785634120D17FF02",                            True),
    ("785634120D1701FF",                            True),
    ("785634120F170102",                            True),
    ("78563412FD170102",                            True),
    ("785634120D1F0102",                            True),
    ("785634120DF70102",                            True),
    ("785634120D17F102",                            True),
    ("785634120D170F02",                            True),
    ("785634120D1701F2",                            True),
    ("785634120D17010F",                            True),
    ("785634120E170102",                            False),
    ("785634120D180102",                            False),
    ("785634120D170202",                            False),
    ("785634120D170103",                            False),
    ("785634120D170100",                            False),
    ("785634121F170102",                            False),
    # too short
    ("",                                            False),
    ("785634120D1701",                              False),
    ("FFFFFFFFFFFFFF",                              False),
    # enhanced: fabrication number, identification number, bus address
    ("FFFFFFFFFFFFFFFF0C7821436587",                True),
    ("FFFFFFFFFFFFFFFF0C7822436587",                False),
    ("FFFFFFFFFFFFFFFF0C78FFFFFF8F",                True),
    ("FFFFFFFFFFFFFFFF0C78FFFFFF9F",                False),
    ("FFFFFFFFFFFFFFFF0C782FF3F5F8",                False),
    ("FFFFFFFFFFFFFFFF0C782FF365F7",                True),
    ("795634120D1701020C7821436587",                False),
    ("FFFFFFFFFFFFFFFF0C7978563412",                True),
    ("FFFFFFFFFFFFFFFF0C7978563F12",                True),
    ("FFFFFFFFFFFFFFFF0C7979563412",                False),
    ("FFFFFFFFFFFFFFFF017A05",                      True),
    ("FFFFFFFFFFFFFFFF017AFF",                      True),
    ("FFFFFFFFFFFFFFFF017A06",                      False),
    ("FFFFFFFFFFFFFFFF017A0F",                      False),
    ("FFFFFFFFFFFFFFFF0C7821436587017A05",          True),
    ("FFFFFFFFFFFFFFFF0C7821436587017A04",          False),
    ("FFFFFFFFFFFFFFFF2F0C78214365872F2F",          True),
    # unknown or cut records
    ("FFFFFFFFFFFFFFFF0C06FFFFFFFF",                False),
    ("FFFFFFFFFFFFFFFF0DFD1100",                    False),
    ("FFFFFFFFFFFFFFFF8C0178FFFFFFFF",              False),
    ("FFFFFFFFFFFFFFFF047821436587",                False),
    ("FFFFFFFFFFFFFFFF0C78214365",                  False),
    ("FFFFFFFFFFFFFFFF0C",                          False),
    ("FFFFFFFFFFFFFFFF017A",                        False),
    ("FFFFFFFFFFFFFFFF0F",                          False),
)
# fmt: on


def check(meter, mask, expected):
    # Octets of the frame's end follow that must not be looked at.
    octets = b"\x00" + unhexlify(mask) + b"\xff\x78\xff\xff\xff\xff\x16"
    assert matches(octets, 1, len(octets) - 7, meter) is expected, mask


def test_masks_select_or_not():
    for mask, expected in MASKS:
        check(Meter(), mask, expected)


def test_a_meter_without_serial_number_never_matches_one():
    check(Meter(serial=None), "FFFFFFFFFFFFFFFF0C78FFFFFFFF", False)
    check(Meter(serial=None), "FFFFFFFFFFFFFFFF0C79FFFFFFFF", True)
