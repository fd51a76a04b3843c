# SPDX-License-Identifier: MIT
"""AES-128 by the chip's cryptolib: the one file that uses it, and the one that holds keys.

ECB for single blocks and CBC, in place; every port's cryptolib has these two.  No key
management: what a key is good for, and what comes of a failure, is decided elsewhere.
"""

from cryptolib import aes
from micropython import const

BLOCK = 16

_ECB = const(1)
_CBC = const(2)


class Key:
    """An AES-128 key of 16 octets, which never leaves the object and is in no text of it."""

    def __init__(self, octets):
        if len(octets) != BLOCK:
            raise ValueError("an AES-128 key has 16 octets")
        self._octets = bytes(octets)
        self._ecb = None  # kept, for keys are derived from one key again and again

    def encrypt_block(self, block):
        """Encrypt the 16 octets of block, in place, by themselves (ECB)."""
        if self._ecb is None:
            self._ecb = aes(self._octets, _ECB)
        self._ecb.encrypt(block, block)

    def encrypt(self, iv, buf):
        """CBC over all of buf, a multiple of 16 octets, in place; iv has 16 octets."""
        aes(self._octets, _CBC, iv).encrypt(buf, buf)

    def decrypt(self, iv, source, target):
        """CBC backwards, from source into the first octets of target, which may be longer."""
        aes(self._octets, _CBC, iv).decrypt(source, target)
