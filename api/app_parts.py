"""Parts of the application that endpoints share."""

from aiohttp import web

from api.intake import Intake
from api.pulse import Watch
from api.sessions import Sessions
from api.streams import Streams

INTAKE = web.AppKey("intake", Intake)
SESSIONS = web.AppKey("sessions", Sessions)
STREAMS = web.AppKey("streams", Streams)
WATCH = web.AppKey("watch", Watch)
