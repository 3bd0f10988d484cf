from . import component as component
from . import downloads as downloads
from . import settings as settings
from . import snapshot as snapshot
from . import socket as socket
from . import visit as visit
