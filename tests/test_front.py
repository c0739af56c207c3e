"""The package's front: its names stay what they are, whatever was imported before."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "before",
    [
        "import moodscore",
        "import moodscore; moodscore.look",
        "from moodscore.film import arc; import moodscore",
        "import moodscore.film; import moodscore",
        "import moodscore; moodscore.film; import moodscore.film.timeline",
        "import moodscore.jobs, moodscore",
    ],
)
def test_film_is_the_function_and_the_room_can_still_be_entered(before):
    code = f"{before}; assert moodscore.film.__module__ == 'moodscore.api'; from moodscore.film import arc; arc.order"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
