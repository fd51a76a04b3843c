# SPDX-License-Identifier: MIT
"""AES-CMAC (RFC 4493), keys derived by it (EN 13757-7, KDF-A), and the comparison of MACs.

cryptolib has no CMAC.  The subkeys come from one block in ECB; the chain over the message is
CBC from an IV of zeros whose last block is the MAC, which spares a loop over every octet.
"""

from micropython import const

from .security import BLOCK, Key

ZERO_IV = bytes(BLOCK)

# Which derived key: bit 0 set for the MAC, bit 4 for what the partner sends to the meter.
ENCRYPTION = 0x00
AUTHENTICATION = 0x01
TO_METER = 0x10

_BLOCK = const(16)


def _doubled(octets):
    # Multiplied by x in GF(2**128), by the same steps whatever the octets are.
    n = int.from_bytes(octets, "big") << 1
    n ^= (n >> 128) * ((1 << 128) | 0x87)
    return n.to_bytes(BLOCK, "big")


def cmac(key, work, n: int) -> int:
    """Where in work the 16 octets of the CMAC of work[:n] stand; the message is overwritten.

    work is a memoryview with room for n octets filled up to the next 16, and for 16 at least.
    """
    last = (n - 1) // _BLOCK * _BLOCK if n else 0
    end = last + _BLOCK
    subkey = bytearray(_BLOCK)
    key.encrypt_block(subkey)
    subkey = _doubled(subkey)
    if n < end:
        subkey = _doubled(subkey)
        work[n] = 0x80
        work[n + 1 : end] = bytes(end - n - 1)
    mixed = int.from_bytes(work[last:end], "big") ^ int.from_bytes(subkey, "big")
    work[last:end] = mixed.to_bytes(_BLOCK, "big")
    if last:
        key.encrypt(ZERO_IV, work[:end])
    else:
        key.encrypt_block(work[:end])
    return last


def derive(key, work, use: int, counter: int, identification):
    """The Key for one use and one message counter; identification is 4 octets in wire order.

    The first 16 octets of work are overwritten, and zeroed in the end.
    """
    work[0] = use
    work[1:5] = counter.to_bytes(4, "little")
    work[5:9] = identification
    work[9:_BLOCK] = b"\x07" * 7
    cmac(key, work, _BLOCK)
    derived = Key(work[:_BLOCK])
    work[:_BLOCK] = ZERO_IV
    return derived


def differ(one, other, n: int) -> bool:
    """Whether the first n octets differ; as many steps wherever they do."""
    difference = 0
    for i in range(n):
        difference |= one[i] ^ other[i]
    return difference != 0
