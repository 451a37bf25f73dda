"""Parts of the application that endpoints share."""

from aiohttp import web

from api.intake import Intake
from api.pulse import Watch
from api.sessions import Sessions
from api.sign_in_limits import Limits
from api.streams import Streams

INTAKE = web.AppKey("intake", Intake)
LIMITS = web.AppKey("limits", Limits)
SESSIONS = web.AppKey("sessions", Sessions)
STREAMS = web.AppKey("streams", Streams)
WATCH = web.AppKey("watch", Watch)
