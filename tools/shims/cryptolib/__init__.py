# SPDX-License-Identifier: MIT
"""What the firmware takes from MicroPython's `cryptolib` module, for CPython.

AES in the two modes that every chip's cryptolib has, ECB (1) and CBC (2), by the package
`cryptography`, with the errors of the original.  An object serves one direction.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class aes:  # noqa: N801
    """A cipher with a key of 16, 24 or 32 octets; mode 2 needs an IV of 16."""

    def __init__(self, key, mode, iv=None):
        if len(key) not in (16, 24, 32):
            raise ValueError("key")
        if mode not in (1, 2):
            raise ValueError("mode")
        if mode == 2 and (iv is None or len(iv) != 16):
            raise ValueError("IV")
        self._cipher = Cipher(
            algorithms.AES(bytes(key)), modes.ECB() if mode == 1 else modes.CBC(bytes(iv))
        )
        self._encrypts = self._context = None

    def encrypt(self, source, target=None):
        """The octets of source, a multiple of 16: into target where there is one."""
        return self._turn(True, source, target)

    def decrypt(self, source, target=None):
        """The same backwards."""
        return self._turn(False, source, target)

    def _turn(self, encrypts, source, target):
        if len(source) % 16:
            raise ValueError("blksize % 16")
        if target is not None and len(target) < len(source):
            raise ValueError("output too small")
        if self._context is None:
            self._encrypts = encrypts
            self._context = self._cipher.encryptor() if encrypts else self._cipher.decryptor()
        elif self._encrypts != encrypts:
            raise ValueError("can't encrypt & decrypt")
        octets = self._context.update(bytes(source))
        if target is None:
            return octets
        target[: len(octets)] = octets
        return target
