"""`python -m moodscore.cli` runs the command line."""

from __future__ import annotations

import sys

from moodscore.cli import main

sys.exit(main())
