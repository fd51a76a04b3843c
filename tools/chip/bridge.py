# SPDX-License-Identifier: MIT
"""A TCP server in front of the emulated bus, for masters that are programs of their own.

Time stands still on the chip while such a program thinks, and a program has to wait while the
chip is emulated: it must be patient.
"""

import socket
import subprocess
import tempfile

_STEP_US = 5_000
_OVER_US = 500_000  # this long after the last octet nothing is expected to come any more
_LOOK_S = 0.1


class Bridge:
    """address is (host, port); run() serves one program to its end."""

    def __init__(self, bus):
        self._bus, self._peer, self._pico = bus, bus.peer, bus.pico
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(_LOOK_S)
        self.address = self._server.getsockname()[:2]

    def run(self, *command) -> str:
        """What the program prints, standard error behind standard output."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err)
            self._serve(process)
            printed = b""
            for file in (out, err):
                file.seek(0)
                printed += file.read()
        return printed.decode("latin-1")

    def _serve(self, process):
        while process.poll() is None:
            try:
                connection, _ = self._server.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(_LOOK_S)
                self._join(process, connection)

    def _join(self, process, connection):
        while process.poll() is None:
            try:
                octets = connection.recv(1000)
            except TimeoutError:
                continue
            except ConnectionResetError:
                return
            if not octets:
                return
            self._exchange(octets, connection)

    def _exchange(self, octets, connection):
        """Send it on the bus, and hand over what comes, as it comes."""
        peer, pico = self._peer, self._pico
        told = len(peer.heard)
        self._bus.sends(octets, peer.send(octets))
        until = peer.until_us + _OVER_US
        while pico.now_us < until:
            pico.run_us(_STEP_US)
            if len(peer.heard) > told:
                until = pico.now_us + _OVER_US
                connection.sendall(bytes(row[0] for row in peer.heard[told:]))
                told = len(peer.heard)
