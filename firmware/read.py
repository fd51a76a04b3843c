# SPDX-License-Identifier: MIT
"""What the interpreter starts in the reader role, see reader/boot.py."""

import gc
import sys

if __name__ == "__main__":
    # As main.py does.
    gc.threshold(4096)
    from reader import boot

    sys.exit(boot.main(sys.argv[1:]))
