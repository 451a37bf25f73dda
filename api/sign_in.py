"""Staff sign in inside WeCom: sent there, sent back with a code, and given a session.

A state that only this browser has ties the way back to the way there. The code is exchanged
once; whatever goes wrong starts anew, a few times at most.
"""

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

import structlog
from aiohttp import web
from yarl import URL

from api.deps import ApiDeps, SignIn
from api.sessions import COOKIE, LIFETIME_S, Sessions
from api.signing import Signer
from bot.wechat.errors import SignInCodeBad, WeChatError
from bot.wechat.wecom_app import NotStaff
from db.queries.organisation import find_staff

log = structlog.get_logger("api")

RETURN_PATH = "/m/signed-in"
AGAIN = "again"
MOST_TRIES = 4
LONGEST_CODE = 512
LONGEST_PATH = 500
_PENDING = "leadloop_signin"
_PENDING_S = 600
_SETTLED_S = 60


class NoSignIn(Exception):
    """The person cannot be signed in; `why` names the page that says so."""

    def __init__(self, why: str, status: int, userid: str = "") -> None:
        super().__init__(why)
        self.why, self.status, self.userid = why, status, userid


@dataclass(frozen=True, slots=True)
class _Pending:
    """A sign-in under way in one browser. An empty `state` has come back already."""

    state: str
    path: str
    tries: int


class Door:
    """The way in. `leave` sends somebody to WeCom, `enter` takes them back."""

    def __init__(self, deps: ApiDeps, sessions: Sessions) -> None:
        self._deps = deps
        self._sessions = sessions
        self._signer = Signer(deps.session_secrets, "sign-in")
        self._secure = URL(deps.public_url).scheme == "https"

    def leave(self, request: web.Request) -> web.Response:
        """A redirect to WeCom that comes back to this very page. Raises `NoSignIn`."""
        sign_in = self._deps.sign_in
        if sign_in is None or not self._deps.session_secrets:
            raise NoSignIn("not_configured", 503)
        before = self._pending(request)
        if AGAIN in request.query and before is None:
            raise NoSignIn("no_cookies", 403)
        tries = before.tries + 1 if before else 1
        if tries > MOST_TRIES:
            raise NoSignIn("too_often", 503)
        pending = _Pending(secrets.token_hex(16), _own_path(request), tries)
        answer = _redirect(self._authorize_url(sign_in, pending.state))
        self._keep(answer, pending, _PENDING_S)
        return answer

    async def enter(self, request: web.Request) -> web.Response:
        """The way back: a session, and on to the page that was wanted. Raises `NoSignIn`."""
        pending = self._pending(request)
        path = pending.path if pending else "/m/"
        code = request.query.get("code", "")
        if not (pending and self._is_ours(pending, request) and 0 < len(code) <= LONGEST_CODE):
            return _redirect(str(URL(path).update_query({AGAIN: "1"})))
        try:
            userid = await self._member(code)
        except SignInCodeBad:
            return _redirect(str(URL(path).update_query({AGAIN: "1"})))
        if old := request.cookies.get(COOKIE):
            await self._sessions.end(old)
        answer = _redirect(path)
        self._set(answer, COOKIE, await self._sessions.start(userid), LIFETIME_S, "/")
        self._keep(answer, _Pending("", path, pending.tries), _SETTLED_S)
        log.info("staff.signed_in", userid=userid)
        return answer

    def forget(self, answer: web.Response) -> None:
        """Let the next try count as the first."""
        answer.del_cookie(_PENDING, path="/")

    async def _member(self, code: str) -> str:
        """The userid of active staff. Raises `NoSignIn` and `SignInCodeBad`."""
        sign_in = self._deps.sign_in
        if sign_in is None:
            raise NoSignIn("not_configured", 503)
        try:
            identity = await sign_in.wecom.get_user_by_code(code)
        except NotStaff:
            raise NoSignIn("outsider", 403) from None
        except SignInCodeBad:
            raise
        except WeChatError:
            raise NoSignIn("wecom_away", 503) from None
        staff = await find_staff(identity.userid)
        if staff is None:
            raise NoSignIn("unknown", 403, identity.userid)
        if not staff.active:
            raise NoSignIn("inactive", 403)
        return staff.userid

    def _authorize_url(self, sign_in: SignIn, state: str) -> str:
        asked = {
            "appid": sign_in.wecom.corp_id,
            "redirect_uri": self._deps.public_url + RETURN_PATH,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": str(sign_in.wecom.agent_id),
        }
        query = urlencode(asked)  # WeCom wants redirect_uri encoded to the last slash
        return f"{sign_in.oauth_base}/connect/oauth2/authorize?{query}#wechat_redirect"

    def _is_ours(self, pending: _Pending, request: web.Request) -> bool:
        given = request.query.get("state", "").encode("utf-8", "surrogateescape")
        return bool(pending.state) and hmac.compare_digest(pending.state.encode(), given)

    def _pending(self, request: web.Request) -> _Pending | None:
        text = self._signer.read(request.cookies.get(_PENDING, ""))
        return _Pending(**json.loads(base64.urlsafe_b64decode(text))) if text else None

    def _keep(self, answer: web.Response, pending: _Pending, for_s: int) -> None:
        text = base64.urlsafe_b64encode(json.dumps(asdict(pending)).encode()).decode()
        self._set(answer, _PENDING, self._signer.sign(text), for_s, "/")

    def _set(self, answer: web.Response, name: str, value: str, for_s: int, path: str) -> None:
        answer.set_cookie(
            name, value, max_age=for_s, path=path, httponly=True, samesite="Lax",
            secure=self._secure,
        )  # fmt: skip


def _own_path(request: web.Request) -> str:
    """The page that was asked for, without marks of an earlier try."""
    wanted = str(request.rel_url.without_query_params(AGAIN))
    return wanted if len(wanted) <= LONGEST_PATH else "/m/"


def _redirect(to: str) -> web.Response:
    headers = {"Location": to, "Cache-Control": "no-store"}
    return web.Response(status=302, headers=headers)
