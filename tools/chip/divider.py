# SPDX-License-Identifier: MIT
"""The divider of the RP2040, which MicroPython asks 100 000 times a second.

rp2040py looks through all the registers beside it first, and divides at each of both numbers,
as reals; here it comes first, and divides integers when somebody asks for what comes out.
"""

from rp2040py.sio import RPSIO

_DIVIDENDS, _DIVISORS = (0x60, 0x68), (0x64, 0x6C)  # unsigned and signed
_QUOTIENT, _REMAINDER, _STATUS = 0x70, 0x74, 0x78
_RESULTS = (_QUOTIENT, _REMAINDER)
_SIGNED = 0x08  # of an offset
_READY, _DIRTY = 1, 2
_CYCLES = 8
_TOP, _WRAP = 0x80000000, 0xFFFFFFFF


class Sio(RPSIO):
    """All that stands beside the processor, with a divider that is found at once."""

    _asked = None  # which of the four was written last, until it has been divided

    def reset(self):
        self._asked = None
        super().reset()

    def read_uint32(self, offset):
        if offset == _STATUS:
            return self.div_csr
        if offset in _RESULTS:
            if self._asked is not None:
                self._divide()
            if offset == _REMAINDER:
                return self.div_remainder
            self.div_csr &= ~_DIRTY
            return self.div_quotient
        return super().read_uint32(offset)

    def write_uint32(self, offset, value):
        if offset in _DIVIDENDS:
            self.div_dividend = value
        elif offset in _DIVISORS:
            self.div_divisor = value
        else:
            if offset in _RESULTS and self._asked is not None:
                self._divide()
            super().write_uint32(offset, value)
            return
        self._asked = offset
        self.div_csr = _READY | _DIRTY
        self.rp2040.core.cycles += _CYCLES

    def _divide(self):
        dividend, divisor = self.div_dividend & _WRAP, self.div_divisor & _WRAP
        signed, self._asked = self._asked & _SIGNED, None
        if signed:
            dividend, divisor = _signed(dividend), _signed(divisor)
        if not divisor:
            # As the manual has it: all ones, or 1 of a negative dividend.
            quotient, remainder = 1 if dividend < 0 else -1, dividend
        else:
            quotient, remainder = divmod(abs(dividend), abs(divisor))
            if (dividend < 0) != (divisor < 0):
                quotient = -quotient
            if dividend < 0:
                remainder = -remainder
        self.div_quotient, self.div_remainder = quotient & _WRAP, remainder & _WRAP


def _signed(word):
    return word - (_WRAP + 1) if word & _TOP else word
