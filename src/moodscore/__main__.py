"""`python -m moodscore`: the command line, where the program `moodscore` is not on the path."""

import sys

from moodscore.cli import main

if __name__ == "__main__":
    sys.exit(main())
