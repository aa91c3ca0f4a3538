"""`python -m infragod`."""

import sys

from infragod.cli.main import main

sys.exit(main())
