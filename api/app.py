"""The web application: every resource, the callbacks, health and the documentation."""

from aiohttp import web

from api import (
    accounts,
    analytics,
    analytics_export,
    approvals,
    audit,
    calls,
    campaigns,
    console_leads,
    console_people,
    customers,
    dead_letters,
    defeat_stats,
    desk_leads,
    directory,
    explain,
    faq,
    health,
    js_sdk,
    keys,
    lead_actions,
    lead_batch,
    leads,
    local_sign_in,
    me,
    merges,
    my_account,
    numbers,
    organisation,
    policies,
    policy_desk,
    pool_stats,
    queues,
    sea,
    segment_fields,
    segments,
    stats,
    stream,
    takers,
    transfers,
    trials,
    walk_ins,
    wall,
    webhook_deliveries,
    webhooks,
    worklists,
)
from api.app_parts import INTAKE, LIMITS, SESSIONS, STREAMS, WATCH
from api.auth import AUTHENTICATORS, ApiKeys, Authenticator
from api.bodies import JSON_BYTES
from api.callbacks import add_callbacks
from api.catalogue import Catalogue
from api.console import add_console
from api.deps import DEPS, ApiDeps
from api.docs import add_docs
from api.drive_page import add_drive_pages
from api.errors import problems
from api.h5 import add_h5
from api.intake import Intake
from api.pulse import Watch
from api.routing import Route, mount
from api.sessions import Sessions
from api.sign_in_limits import Limits
from api.signing import Signer
from api.staff_sessions import StaffSessions
from api.streams import Streams
from api.tracing import add_headers, traced

RESOURCES = (
    leads,
    lead_batch,
    lead_actions,
    explain,
    customers,
    merges,
    organisation,
    directory,
    policies,
    policy_desk,
    faq,
    keys,
    queues,
    dead_letters,
    wall,
    console_leads,
    console_people,
    transfers,
    audit,
    segments,
    trials,
    campaigns,
    segment_fields,
    webhooks,
    webhook_deliveries,
    stats,
    defeat_stats,
    pool_stats,
    local_sign_in,
    my_account,
    accounts,
    analytics,
    analytics_export,
    me,
    worklists,
    calls,
    desk_leads,
    sea,
    approvals,
    numbers,
    walk_ins,
    stream,
    takers,
    js_sdk,
    health,
)


def all_routes() -> list[Route]:
    """Every documented route."""
    return [route for resource in RESOURCES for route in resource.routes.all]


def create_app(deps: ApiDeps) -> web.Application:
    """The application on these parts."""
    app = web.Application(client_max_size=JSON_BYTES, middlewares=[traced, problems])
    app[DEPS] = deps
    app[INTAKE] = Intake(Catalogue(), deps.signals)
    sessions = Sessions(Signer(deps.session_secrets, "session"), deps.clock)
    app[SESSIONS] = sessions
    app[LIMITS] = Limits(deps.clock)
    staff = StaffSessions(sessions, deps.public_url)
    ways: list[Authenticator] = [ApiKeys(deps.bootstrap_key_hash, deps.clock), staff]
    app[AUTHENTICATORS] = ways
    app[STREAMS] = Streams(deps.clock)
    app[WATCH] = Watch(deps)
    app.on_shutdown.append(_end_streams)
    app.on_response_prepare.append(add_headers)
    mount(app, all_routes())
    add_callbacks(app)
    app.router.add_get("/metrics", health.metrics)
    add_docs(app, all_routes())
    add_h5(app, sessions, staff)
    add_drive_pages(app)
    add_console(app, sessions, staff)
    return app


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].end_all()
    app[WATCH].end()
