"""Make work.py importable: here, and in the processes that import what we can."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
