"""Many pictures: folders, archives and object stores, answered by all cores, and resumed after any end."""

from core.bulk.checking import TRIES, Checker, check_part, facts_from, try_picture
from core.bulk.entries import CheckOptions, Entry, JobFacts, JobPart, Tally
from core.bulk.job import BulkEngine, Job, run_job
from core.bulk.kinds import Kind, kind_of
from core.bulk.local_engine import LocalEngine
from core.bulk.parts import PartsFolder
from core.bulk.plan import JobPlan
from core.bulk.summary import count_of, is_one_of, require_answers
from core.bulk.tables import FORMATS

__all__ = [
    "FORMATS",
    "TRIES",
    "BulkEngine",
    "CheckOptions",
    "Checker",
    "Entry",
    "Job",
    "JobFacts",
    "JobPart",
    "JobPlan",
    "Kind",
    "LocalEngine",
    "PartsFolder",
    "Tally",
    "check_part",
    "count_of",
    "facts_from",
    "is_one_of",
    "kind_of",
    "require_answers",
    "run_job",
    "try_picture",
]
