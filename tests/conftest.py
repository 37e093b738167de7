"""What holds for all tests: a property is no less true on a machine that is slow or busy."""

from hypothesis import settings

settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")
