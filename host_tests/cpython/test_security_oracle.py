# SPDX-License-Identifier: MIT
"""Random telegrams, sealed here and opened by `cryptography`, and the other way round; a peer.

The oracle builds and opens telegrams by itself, from the text of the standard, with nothing
of the firmware.
"""

import random

import pymbusparser
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from mbus.frame import DATA, MAX_FRAME, seal
from mbus.secured import COMMAND, MAC, READOUT, SOUND, Envelope
from mbus.security import Key
from securedtelegrams import METER, RECORDS

TELEGRAMS = 10_000
KEY = bytes(range(16))


def aes_mac(key, message):
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def cbc(key, iv, octets, encrypts):
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    turn = cipher.encryptor() if encrypts else cipher.decryptor()
    return turn.update(octets) + turn.finalize()


class Facts:
    """Everything a random telegram is made of."""

    def __init__(self, rng, modes=(5, 7)):
        self.mode = rng.choice(modes)
        self.direction = rng.choice((COMMAND, READOUT))
        self.ci = rng.choice(
            [ci for ci in self.direction if self.mode == 7 or ci < 0x6C or ci > 0x6D]
        )
        self.short = self.ci in (0x5A, 0x7A)
        self.key = rng.randbytes(16)
        self.address = rng.randbytes(8)
        self.access, self.status = rng.randrange(256), rng.randrange(256)
        self.counter = rng.choice((rng.randint(1, 0xFFFFFFFF), rng.randint(1, 300), 0xFFFFFFFF))
        self.numbered = self.mode == 5 and self.direction is COMMAND
        self.records = rng.randbytes(rng.randint(0, 199))

    def plain(self):
        front = b"\x04\xfd\x08" + self.counter.to_bytes(4, "little") if self.numbered else b""
        octets = b"\x2f\x2f" + front + self.records
        return octets + b"\x2f" * (-len(octets) % 16)

    def keys(self):
        """The key of the cipher, its IV, the key of the MAC."""
        if self.mode == 5:
            a = self.address
            return self.key, a[4:6] + a[:4] + a[6:8] + bytes([self.access]) * 8, None
        use = 0x10 if self.direction is COMMAND else 0
        rest = self.counter.to_bytes(4, "little") + self.address[:4] + b"\x07" * 7
        encryption, authentication = (aes_mac(self.key, bytes([use + i]) + rest) for i in (0, 1))
        return encryption, bytes(16), authentication

    def telegram(self):
        """By the oracle."""
        encryption, iv, authentication = self.keys()
        body = cbc(encryption, iv, self.plain(), True)
        blocks = len(body) // 16 << 4
        field = bytes([blocks, 5]) if self.mode == 5 else bytes([blocks, 7, 0x10])
        header = (b"" if self.short else self.address) + bytes([self.access, self.status])
        tpl = bytes([self.ci]) + header + field + body
        if self.mode == 5:
            return tpl
        covered = b"\x25" + self.counter.to_bytes(4, "little")
        mac = aes_mac(authentication, covered + tpl)[:8]
        return b"\x90\x0f\x00\x2c" + covered + mac + tpl


def sealed(envelope, facts):
    """The same by the firmware."""
    buf = memoryview(bytearray(MAX_FRAME))
    given = facts.ci, facts.mode, facts.address, facts.access, facts.status, facts.counter
    at = envelope.begin(buf, 6, *given)
    end = at + len(facts.records)
    buf[at:end] = facts.records
    return bytes(buf[6 : envelope.seal(Key(facts.key), end)])


def opened(envelope, octets, facts):
    """(code, the encrypted octets in clear), by the firmware."""
    highest = facts.counter - 1
    code = envelope.read(octets, 0, len(octets), facts.direction, facts.address, facts.mode)
    code = code or envelope.open(Key(facts.key), highest)
    at = 0 if code else envelope.plain_at
    return code, bytes(envelope.plain[at : envelope.plain_end])


def test_what_we_seal_is_what_the_oracle_seals():
    rng, envelope = random.Random(6), Envelope()
    for _ in range(TELEGRAMS):
        facts = Facts(rng)
        octets = sealed(envelope, facts)
        assert octets == facts.telegram()
        # And it opens again: the cipher is at the end, behind everything clear.
        encryption, iv, _ = facts.keys()
        plain = facts.plain()
        assert cbc(encryption, iv, octets[-len(plain) :], False) == plain


def test_what_the_oracle_seals_we_open():
    rng, envelope = random.Random(7), Envelope()
    for _ in range(TELEGRAMS):
        facts = Facts(rng)
        code, plain = opened(envelope, facts.telegram(), facts)
        assert code == SOUND
        assert plain == facts.plain()[9 if facts.numbered else 2 :]
        if facts.numbered or facts.mode == 7:
            assert envelope.counter == facts.counter


def test_no_random_octet_of_mode_7_can_be_another():
    rng, envelope = random.Random(8), Envelope()
    for _ in range(TELEGRAMS):
        facts = Facts(rng, modes=(7,))
        octets = bytearray(facts.telegram())
        at = rng.randrange(len(octets))
        octets[at] ^= rng.randint(1, 255)
        code, plain = opened(envelope, octets, facts)
        assert code != SOUND and plain == b""
        if at >= 17 + 1 + (4 if facts.short else 12) + 1:
            assert code == MAC


def frame(ci, mode, counter=None):
    """A whole frame of a meter."""
    buf = memoryview(bytearray(MAX_FRAME))
    envelope = Envelope()
    at = envelope.begin(buf, DATA - 1, ci, mode, METER, 0x2C, 0, counter)
    buf[at : at + len(RECORDS)] = RECORDS
    end = envelope.seal(Key(KEY), at + len(RECORDS))
    return bytes(buf[: seal(buf, 0x08, 0x05, buf[DATA - 1], end - DATA)])


def test_pymbusparser_decrypts_mode_5():
    found = pymbusparser.parse(frame(0x72, 5), key=KEY)
    assert found["decode_state"] == "complete"
    security = found["security"]
    assert (security["mode_code"], security["decryption_state"]) == (5, "decrypted_unverified")
    plain = bytes.fromhex(security["decrypted_payload_hex"])
    assert plain == b"\x2f\x2f" + RECORDS + b"\x2f" * 5
    values = [record["value"]["value"] for record in found["records"]]
    assert values == ["123456780", "345670", "1534", "2025-11-22T07:45:00"]


def test_a_short_header_leaves_pymbusparser_without_an_iv():
    with pytest.raises(pymbusparser.MbusParserError, match="decryption_failed"):
        pymbusparser.parse(frame(0x7A, 5), key=KEY)


def test_pymbusparser_does_not_know_the_afl_of_mode_7():
    found = pymbusparser.parse(frame(0x72, 7, 0x0AB3), key=KEY)
    assert found["records"] == []
    assert "HashProcedure" in found["diagnostics"][0]["message"]
