# SPDX-License-Identifier: MIT
"""AES by the cryptolib of either runtime; keys that show themselves nowhere."""

from binascii import hexlify

from cryptolib import aes
from helpers import raises
from mbus.security import Key
from securedtelegrams import octets
from test_cmac import MESSAGE, NIST_KEY

IV = bytes(range(16))
# NIST SP 800-38A, F.1.1 and F.2.1: what becomes of the four blocks of MESSAGE.
ECB = octets(
    "3A D7 7B B4 0D 7A 36 60 A8 9E CA F3 24 66 EF 97 F5 D3 D5 85 03 B9 69 9D E7 85 89 5A 96 FD BA AF"
    "43 B1 CD 7F 59 8E CE 23 88 1B 00 E3 ED 03 06 88 7B 0C 78 5E 27 E8 AD 3F 82 23 20 71 04 72 5D D4"
)
CBC = octets(
    "76 49 AB AC 81 19 B2 46 CE E9 8E 9B 12 E9 19 7D 50 86 CB 9B 50 72 19 EE 95 DB 11 3A 91 76 78 B2"
    "73 BE D6 B8 E3 C1 74 3B 71 16 E6 9E 22 22 95 16 3F F1 CA A1 68 1F AC 09 12 0E CA 30 75 86 E1 A7"
)


def test_single_blocks_of_sp_800_38a():
    for at in range(0, 64, 16):
        block = bytearray(MESSAGE[at : at + 16])
        NIST_KEY.encrypt_block(block)
        assert block == ECB[at : at + 16], at


def test_chained_blocks_of_sp_800_38a_in_place():
    for n in (16, 32, 48, 64):
        buf = memoryview(bytearray(MESSAGE))
        NIST_KEY.encrypt(IV, buf[:n])
        assert bytes(buf) == CBC[:n] + MESSAGE[n:], n


def test_chained_blocks_backwards_into_a_longer_buffer():
    for n in (16, 32, 48, 64):
        target = memoryview(bytearray(80))
        NIST_KEY.decrypt(IV, CBC[:n], target)
        assert bytes(target) == MESSAGE[:n] + bytes(80 - n), n


def test_a_key_can_be_used_again_and_in_both_directions():
    for _ in range(2):
        buf = memoryview(bytearray(MESSAGE))
        NIST_KEY.encrypt(IV, buf)
        NIST_KEY.decrypt(IV, bytes(buf), buf)
        assert bytes(buf) == MESSAGE


def test_a_key_has_16_octets_and_the_refusal_does_not_show_them():
    for n in (0, 15, 17, 24, 32):
        error = raises(ValueError, Key, b"K" * n)
        assert "K" * 2 not in str(error) and "4b4b" not in str(error)
    assert Key(memoryview(bytearray(16)))


def test_a_key_is_a_copy():
    octets_of_key = bytearray(16)
    key = Key(octets_of_key)
    octets_of_key[0] = 1
    one, two = bytearray(16), bytearray(16)
    key.encrypt_block(one)
    Key(bytes(16)).encrypt_block(two)
    assert one == two


def test_no_text_of_a_key_has_its_octets():
    octets_of_key = b"sixteen secrets!"
    key = Key(octets_of_key)
    for text in (repr(key), str(key), "%s %r" % (key, key), repr([key]), repr({1: (key,)})):
        lower = text.lower()
        assert "secret" not in lower
        assert hexlify(octets_of_key).decode()[:6] not in lower
        assert "115, 105" not in lower


def test_both_runtimes_refuse_alike():
    zeros = bytes(16)
    for arguments, word in (
        ((bytes(15), 1), "key"),
        ((zeros, 7), "mode"),
        ((zeros, 2), "IV"),
        ((zeros, 2, bytes(15)), "IV"),
    ):
        assert word in str(raises(ValueError, aes, *arguments)), arguments
    for mode in ((zeros, 1), (zeros, 2, zeros)):
        assert "16" in str(raises(ValueError, aes(*mode).encrypt, bytes(17)))
        assert "small" in str(raises(ValueError, aes(*mode).encrypt, bytes(32), bytearray(16)))
        one_way = aes(*mode)
        assert one_way.decrypt(one_way_octets(mode)) == zeros
        assert "encrypt" in str(raises(ValueError, one_way.encrypt, zeros))


def one_way_octets(mode):
    target = bytearray(16)
    assert aes(*mode).encrypt(bytes(16), target) is target
    return target
