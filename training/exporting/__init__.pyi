from .about import about_imported as about_imported
from .about import about_run as about_run
from .imported_weights import as_ours as as_ours
from .imported_weights import load_imported as load_imported
from .weights import best_of as best_of
from .weights import checked_name as checked_name
from .weights import in_float32 as in_float32
from .weights import install as install
