# SPDX-License-Identifier: MIT
"""The USB host at a Pico's console: what it prints, what is typed, and the raw REPL."""

from rp2040py.usb.cdc import USBCDC

_AGAIN_US = 1000
_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"


class ConsoleError(AssertionError):
    """The device raised an exception, or did not answer in time."""


class Console:
    """The serial port over USB.

    rp2040py's host fills each transfer that the device allows at once, with nothing if there
    is nothing, so the device is never out of its USB interrupt.  This one waits, as a host
    does, until there is something to send.

    output  all that came
    """

    def __init__(self, chip, scheduler, run_until):
        self.output = bytearray()
        self.connected = self._raw = False
        self._scheduler, self._run_until = scheduler, run_until
        self._typed = bytearray()
        self._again = self._allowed = None
        self._host = host = USBCDC(chip.usb_ctrl)
        host.on_serial_data = self.output.extend
        host.on_device_connected = self._connect
        self._read = chip.usb_ctrl.on_endpoint_read
        chip.usb_ctrl.on_endpoint_read = self._on_read

    def _connect(self):
        self.connected = True

    def _on_read(self, endpoint, size):
        if endpoint == self._host._out_endpoint and not self._host.tx_fifo.item_count:
            self._allowed = (endpoint, size)
        else:
            self._read(endpoint, size)

    def unplugged(self):
        """The chip was reset: the host sees it anew."""
        self.connected = self._raw = False
        self._allowed = None

    def type(self, octets: bytes):
        """Send to the device, as fast as it takes them."""
        self._typed += octets
        self._pump()

    def _pump(self):
        fifo = self._host.tx_fifo
        n = min(fifo.size - fifo.item_count, len(self._typed))
        for octet in self._typed[:n]:
            self._host.send_serial_byte(octet)
        del self._typed[:n]
        if self._allowed and fifo.item_count:
            allowed, self._allowed = self._allowed, None
            self._read(*allowed)
        if self._typed and self._again is None:
            self._again = self._scheduler.after(_AGAIN_US, self._pump_again)

    def _pump_again(self):
        self._again = None
        self._pump()

    def wait_for(self, text: bytes, begin: int = 0, timeout_us: float = 5e6) -> int:
        """Run until this is printed behind `begin`; its place in output."""
        if not self._run_until(lambda: self.output.find(text, begin) >= 0, timeout_us):
            tail = bytes(self.output[-400:]).decode(errors="replace")
            raise ConsoleError("no %r within %d ms; the end of what came:\n%s"
                               % (text, timeout_us // 1000, tail))  # fmt: skip
        return self.output.find(text, begin)

    def enter_raw(self):
        """Into the raw REPL, whatever runs."""
        begin = len(self.output)
        self.type(b"\r\x03\x03\r\x01")
        self.wait_for(_PROMPT, begin)
        self._raw = True

    def run(self, code: str, timeout_us: float = 60e6) -> str:
        """Execute in the raw REPL what stops what runs; what it printed."""
        if not self._raw:
            self.enter_raw()
        begin = len(self.output)
        self.type(code.encode() + b"\x04")
        begin = self.wait_for(b"OK", begin, timeout_us) + 2
        end = self.wait_for(b"\x04", begin, timeout_us)
        last = self.wait_for(b"\x04", end + 1, timeout_us)
        self.wait_for(b">", last + 1, timeout_us)
        error = bytes(self.output[end + 1 : last]).decode(errors="replace")
        if error:
            raise ConsoleError(error)
        return bytes(self.output[begin:end]).decode(errors="replace").replace("\r\n", "\n")

    def soft_reset(self):
        """Ctrl-D at the prompt: main.py runs anew."""
        self.type(b"\x03\x03\x02")
        self._run_until(lambda: False, 20_000)
        self._raw = False
        begin = len(self.output)
        self.type(b"\x04")
        self.wait_for(b"soft reboot", begin)
