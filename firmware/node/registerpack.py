# SPDX-License-Identifier: MIT
"""The register table in octets, as a device reads it; registers.py says what they mean.

From source it is made of the text each time.  A device gets this file with nothing but the
result in it (tools/dist.py): the text is large, and reading it takes long.
"""

from binascii import unhexlify

from . import registertext
from .sourcetext import resolve

_ACCESS = "rwascf"
_SETS = "123betilshvxw"


def packed(legacy: bool) -> bytes:
    """All rows of a meter, in the codes of an older module if legacy.

    A row: length and name; length and DIB; length and VIB; access; sets, the low octet first;
    group and index of its source; what the value is multiplied by, and divided by.
    """
    overlay = registertext.legacy() if legacy else {}
    octets = bytearray()
    for name, dib, vib, access, sets, source, _ in registertext.rows():
        scale = 1, 1
        if name in overlay:
            dib, vib, *scale = overlay[name]
        if legacy and name in registertext.LEGACY_WITHOUT:
            sets = "".join([letter for letter in sets if letter not in "123"])
        for part in (name.encode(), unhexlify(dib), unhexlify(vib)):
            octets.append(len(part))
            octets.extend(part)
        bits = _bits(sets, _SETS)
        octets.extend(bytes((_bits(access, _ACCESS), bits & 0xFF, bits >> 8)))
        octets.extend(bytes(resolve(source)))
        octets.extend(bytes(scale))
    return bytes(octets)


def _bits(letters, alphabet):
    bits = 0
    for letter in letters:
        at = alphabet.find(letter)
        if at >= 0:
            bits |= 1 << at
    return bits
