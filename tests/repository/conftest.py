"""Makes `project`, the tree as these tests read it, importable beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
