"""What the application holds for its handlers, under typed keys; `app.py` fills them."""

from aiohttp import web

from pipeline.turns import Tuning

from .admission import Admission
from .engines import EngineLoading
from .recording.recorder import Recorder
from .results.closing import Finalizer
from .settings import Settings
from .storage.candidate_query import CandidateQuery
from .storage.database import Database

SETTINGS = web.AppKey("SETTINGS", Settings)
ENGINES = web.AppKey("ENGINES", EngineLoading)
CANDIDATES = web.AppKey("CANDIDATES", CandidateQuery)
DATABASE = web.AppKey("DATABASE", Database)
ADMISSION = web.AppKey("ADMISSION", Admission)
FINALIZER = web.AppKey("FINALIZER", Finalizer)
RECORDER = web.AppKey("RECORDER", Recorder)
"""Not there when nothing is to be recorded."""
TUNING = web.AppKey("TUNING", Tuning)
