"""The comparison's invented corpus, for the profiles as well."""

import importlib.util
from pathlib import Path

_place = Path(__file__).parents[1] / "comparison" / "conftest.py"
_spec = importlib.util.spec_from_file_location("invented_corpus", _place)
_shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_shared)

invented, segments = _shared.invented, _shared.segments
