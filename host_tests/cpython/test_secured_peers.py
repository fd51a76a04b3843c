# SPDX-License-Identifier: MIT
"""Secured telegrams of others are opened here, and ours by others.

The telegrams were published with their keys, as wireless ones: what stands behind the link
layer is the same on a wire.  The key of a radio meter is known by the address in that layer.
"""

import json

import pymbusparser
import pytest
from commands import run
from keyedmeter import KeyedMeter
from keyfile import KEY, entry, frame, written

from mbus.whole import parse
from mbusnode import writing

# (where it is from, from the link layer's L field on without checksums, where the CI is, key,
# octets in clear, some of (quantity, value))
PUBLISHED = (
    (
        "wmbusmeters/wmbusmeters issue 1170",
        "4E448F410064372035077A48004005326BA7F0D19A3E7A20D6F124285E61435300240EC8C32117D371178369"
        "FE502AD5F39EB1BCCD45921CBFE367494AFDAEF920E85B7278697876C0D6D89FB0CB8A",
        10,
        "776D627573656E63727970746B657931",
        0,
        (("volume", 800.0), ("date and time", "2024-02-04T11:00")),
    ),
    (
        "abhi9062/wmbus-decrypt-solution README",
        "A144C5142785895070078C20607A9D00902537CA231FA2DA5889BE8DF3673EC136AEBFB80D4CE395BA98F6B3"
        "844A115E4BE1B1C9F0A2D5FFBB92906AA388DEAA82C929310E9E5C4C0922A784DF89CF0DED833BE8DA996EB5"
        "885409B6C9867978DEA24001D68C603408D758A1E2B91C42EBAD86A9B9D287880083BB0702850574D7B51E9C"
        "209ED68E0374E9B01FEBFD92B4CB9410FDEAF7FB526B742DC9A8D0682653",
        13,
        "4255794D3DCCFD46953146E701B7DB68",
        0,
        (("volume", 4.48), ("volume", 0.018)),
    ),
    (
        "OMS, an example with partial encryption (ISFH/ioBroker.wmbus, its tests)",
        "2D4493444433221155377288776655934455080004100500DFE2A782146D1513581CD2F83F39040CFD1078563412",
        10,
        "000102030405060708090A0B0C0D0E0F",
        7,
        (("heat cost allocation", 1234), ("customer location", 12345678)),
    ),
    (
        "OMS, security profile B (jMBus, FHEM, ioBroker.wmbus, their tests)",
        "434493157856341233038C2075900F002C25B30A000021924D4F2FB66E017A75002007109058475F4BC91DF8"
        "78B80A1B0F98B629024AAC727942BFC549233C0140829B93",
        13,
        "000102030405060708090A0B0C0D0E0F",
        0,
        (("volume", 28504.27), ("date and time", "2008-05-31T23:50")),
    ),
)


@pytest.mark.parametrize("row", PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_published_telegrams_are_opened(capsys, row):
    _, text, at, key, clear, some = row
    octets = bytes.fromhex(text)
    number = octets[7:3:-1] + octets[2:4] + octets[8:10]
    options = ("--key", key, "--meter", number.hex(), "--format", "json")
    code, out, err = run(capsys, "decode", frame(octets[at:]), *options)
    report = json.loads(out)
    assert (err, report["security"]["decrypted"]) == ("", True)
    assert (code == 0) == (clear == 0) and report["security"]["clear_octets"] == clear
    found = [(record["quantity"], record["value"]) for record in report["records"]]
    assert set(some) <= set(found)
    code, out, _ = run(capsys, "decode", frame(octets[at:]), "--key", "00" * 16, *options[2:])
    assert code == 1 and json.loads(out)["records"] == []


def read_with(meter, tmp_path, monkeypatch, key=KEY):
    """The telegrams that a read-out of a meter with a key consists of."""
    sent = []
    answer = meter._answer

    def noted(octets):
        reply = answer(octets)
        sent.append(reply)
        return reply

    monkeypatch.setattr(meter, "_answer", noted)
    one, ledger = meter.partner(written(tmp_path, entry(level=2)))
    with ledger:
        one.run(one.link.master.read(5, lambda frame: None))
    return [reply for reply in sent if reply and reply.ci == 0x72]


def whole(reply):
    """The octets of a frame."""
    return bytes.fromhex(frame(bytes((reply.ci,)) + reply.data))


def test_pymbusparser_opens_the_read_out_of_a_whole_meter(tmp_path, monkeypatch):
    meter = KeyedMeter(monkeypatch, 2, KEY)
    telegrams = read_with(meter, tmp_path, monkeypatch)
    assert len(telegrams) == 2
    names = []
    for reply in telegrams:
        found = pymbusparser.parse(whole(reply), key=KEY)
        assert found["security"]["mode_code"] == 5
        assert found["security"]["decryption_state"] == "decrypted_unverified"
        plain = bytes.fromhex(found["security"]["decrypted_payload_hex"])
        assert plain[:2] == b"\x2f\x2f" and len(plain) % 16 == 0
        names += found["records"]
    assert len(names) > 25
    wrong = pymbusparser.parse(whole(telegrams[0]), key=bytes(16))
    assert wrong["security"]["decrypted_payload_hex"][:4].upper() != "2F2F"


def test_pymbusparser_opens_our_commands_of_mode_5(tmp_path, monkeypatch):
    meter = KeyedMeter(monkeypatch, 2, KEY)
    one, ledger = meter.partner(written(tmp_path, entry(level=2) + "commands = 5\n"))
    with ledger:
        writing.carry_out(one, "5", writing.order("special_1", "12345678"))
    told = next(octets for octets in meter.sent if octets[6:7] == b"\x5b")
    got = parse(told)
    # It knows no CI of a master's; the header and the records are those of a read-out.
    found = pymbusparser.parse(bytes.fromhex(frame(b"\x72" + got.data)), key=KEY)
    plain = bytes.fromhex(found["security"]["decrypted_payload_hex"])
    assert plain.rstrip(b"\x2f").hex().upper() == "2F2F04FD08010000000CFD6778563412"
