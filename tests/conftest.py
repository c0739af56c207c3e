"""How properties are tested: the same examples every time, and no failure for a machine that is busy."""

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
