# SPDX-License-Identifier: MIT
"""What the interpreter starts: the module role, see node/boot.py."""

import gc
import sys

if __name__ == "__main__":
    # Compiling leaves garbage between what stays; collected often, it does not split a small
    # heap into pieces.
    gc.threshold(4096)
    from node import boot

    sys.exit(boot.main(sys.argv[1:]))
