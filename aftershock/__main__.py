"""`python -m aftershock` is the command line."""

import sys

from aftershock.cli import main

sys.exit(main())
