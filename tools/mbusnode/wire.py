# SPDX-License-Identifier: MIT
"""Runs a master's procedure in real time: polls the link, and waits for octets in between."""

from port import cpython


def run(link, procedure):
    """Drive the procedure over a MasterLink to its end; returns its result.

    Raises its MasterError, or PortError when the line is lost.  However it ends, the
    procedure is closed and the link can be started again.
    """
    stream = link.stream
    try:
        link.start(procedure, cpython.ticks_ms())
        while not link.done:
            wait_ms = link.poll(cpython.ticks_ms())
            if wait_ms:
                stream.wait(wait_ms)
    finally:
        procedure.close()
    if link.error:
        raise link.error
    return link.result
