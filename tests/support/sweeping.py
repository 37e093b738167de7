"""Whether the tests of many random cases run all of them (`make sweep`), or the sample of `make test`."""

import os

SWEEP = os.environ.get("A4P_SWEEP") == "1"
