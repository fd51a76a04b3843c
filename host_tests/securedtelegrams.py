# SPDX-License-Identifier: MIT
"""Secured telegrams for the tests of both runtimes: published ones, our own, and any made up.

A telegram here is the user data of a frame from its first CI on.
"""

from binascii import unhexlify

from mbus.secured import COMMAND, Envelope
from mbus.security import Key


def octets(text):
    return unhexlify(text.replace(" ", ""))


RAISING = Key(octets("00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F"))
METER = octets("78 56 34 12 0D 17 01 02")
OMS_METER = octets("78 56 34 12 93 15 33 03")

# OMS volume 2, annex N.2: 28504.27 m3 at 2008-05-31 23:50, no errors.
OMS_KEY = Key(octets("01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 11"))
OMS_RECORDS = octets("0C 14 27 04 85 02 04 6D 32 37 1F 15 02 FD 17 00 00")
OMS_CIPHER_5 = octets(
    "59 23 C9 5A AA 26 D1 B2 E7 49 3B 01 3E C4 A6 F6 D3 52 9B 52 0E DF F0 EA 6D EF C9 9D 6D 69 EB F3"
)
OMS_MODE_5 = octets("72 78 56 34 12 93 15 33 03 2A 00 20 05") + OMS_CIPHER_5
OMS_CIPHER_7 = octets(
    "90 58 47 5F 4B C9 1D F8 78 B8 0A 1B 0F 98 B6 29 02 4A AC 72 79 42 BF C5 49 23 3C 01 40 82 9B 93"
)
OMS_SHORT = (
    octets("90 0F 00 2C 25 B3 0A 00 00 21 92 4D 4F 2F B6 6E 01 7A 75 00 20 07 10") + OMS_CIPHER_7
)
OMS_LONG = (
    octets("90 0F 00 2C 25 B3 0A 00 00 AF 5D 74 DF 73 A6 00 D9")
    + octets("72 78 56 34 12 93 15 33 03 75 00 20 07 10")
    + OMS_CIPHER_7
)

# Meter 12345678 of EXM: A+ 123456.78 kWh, A- 345.67 kWh, P+ 1534 W, 2025-11-22 07:45.
RECORDS = octets("04 04 4E 61 BC 00 04 84 3C 07 87 00 00 04 2B FE 05 00 00 04 6D 2D 27 36 3B")
READOUT_5 = octets(
    "68 2F 2F 68 08 05 72 78 56 34 12 0D 17 01 02 2C 00 20 05 54 D2 31 82 53 C9 FF D5 03 B7 B5 25"
    " 9F B8 37 E5 2D CE 65 24 A8 33 91 06 D8 47 AE A7 55 81 5C 19 90 16"
)[6:-2]
READOUT_7 = octets(
    "68 41 41 68 08 05 90 0F 00 2C 25 B3 0A 00 00 2D A4 F5 E2 FD 7E 43 93 72 78 56 34 12 0D 17 01"
    " 02 2D 00 20 07 10 03 AD 33 97 64 25 F6 EA 7B 6C 9C B6 97 A7 11 4C 33 BE DC DA 2A 4E 51 E8 82"
    " CA 71 9B 16 09 4D 70 07 16"
)[6:-2]

# Set the clock, counter 1001; open the breaker, counter 16.
SET_CLOCK = octets("04 6D 2D 27 36 3B")
COMMAND_5 = octets(
    "68 1F 1F 68 73 FD 5B 78 56 34 12 0D 17 01 02 11 00 10 05 C7 EE 61 88 16 77 2A BC 83 D1 A0 64"
    " 7C C8 3D 36 4C 16"
)[6:-2]
OPEN_BREAKER = octets("01 FD 1F 00")
COMMAND_7 = octets(
    "68 31 31 68 73 FD 90 0F 00 2C 25 10 00 00 00 18 9B 6D C2 D5 53 0B E3 5B 78 56 34 12 0D 17 01"
    " 02 12 00 10 07 10 FD 3D 65 FE EA F3 4E 88 59 F3 67 A6 66 0D 89 73 4F 16"
)[6:-2]


def sealed(ci, mode, records, counter=None, key=RAISING, address=METER, access=0x2C, status=0):
    """The telegram with these records, behind seven octets that are none of its own."""
    buf = memoryview(bytearray(300))
    envelope = Envelope()
    at = envelope.begin(buf, 7, ci, mode, address, access, status, counter)
    end = at + len(records)
    buf[at:end] = records
    return bytes(buf[7 : envelope.seal(key, end)])


def judged(telegram, direction, highest=None, last=None, key=RAISING, address=METER, least=5):
    """(code, records without fillers at the end, the Envelope) of a telegram."""
    envelope = Envelope()
    code = envelope.read(telegram, 0, len(telegram), direction, address, least)
    code = code or envelope.open(key, highest, last)
    plain = bytes(envelope.plain[envelope.plain_at : envelope.plain_end])
    while plain and plain[-1] == 0x2F:
        plain = plain[:-1]
    return code, plain, envelope


def code_of(telegram, direction=COMMAND, highest=0, **more):
    """What a telegram is found to be; nothing of one that is refused can be read."""
    code, plain, envelope = judged(telegram, direction, highest, **more)
    assert (code == 0) == (envelope.plain_end > 0)
    assert plain == b"" or code == 0
    return code
