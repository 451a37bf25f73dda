"""Parts of the application that endpoints share."""

from aiohttp import web

from api.intake import Intake

INTAKE = web.AppKey("intake", Intake)
