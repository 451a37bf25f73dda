"""Staff sign in by WeCom: sent there, sent back with a code, and given a session.

Inside WeCom that asks nobody anything; in another browser WeCom shows a code to scan. A state
that only this browser has ties the way back to the way there. The code is exchanged once;
whatever goes wrong starts anew, a few times at most.
"""

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from aiohttp import web
from yarl import URL

from api.deps import ApiDeps, SignIn
from api.sessions import COOKIE, LIFETIME_S, QR, WECOM, Sessions
from api.sign_in_record import begin_session, note_refusal
from api.signing import Signer
from bot.wechat.errors import SignInCodeBad, WeChatError
from bot.wechat.wecom_app import NotStaff
from db.queries.organisation import find_staff

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
    way: str = WECOM


class Door:
    """The way in. `leave` sends somebody to WeCom, `enter` takes them back."""

    def __init__(self, deps: ApiDeps, sessions: Sessions, home: str) -> None:
        self._deps = deps
        self._sessions = sessions
        self._home = home
        self._signer = Signer(deps.session_secrets, "sign-in")
        self._secure = URL(deps.public_url).scheme == "https"

    @property
    def return_path(self) -> str:
        """Where WeCom sends people back to."""
        return f"{self._home}signed-in"

    @property
    def is_open(self) -> bool:
        """Whether there is a WeCom app to sign in with."""
        return self._deps.sign_in is not None and bool(self._deps.session_secrets)

    def leave(self, request: web.Request) -> web.Response:
        """A redirect to WeCom that comes back to this very page. Raises `NoSignIn`."""
        sign_in = self._wecom()
        before = self._pending(request)
        if AGAIN in request.query and before is None:
            raise NoSignIn("no_cookies", 403)
        tries = before.tries + 1 if before else 1
        if tries > MOST_TRIES:
            raise NoSignIn("too_often", 503)
        pending = _Pending(secrets.token_hex(16), self._own_path(request), tries)
        answer = redirect(self._authorize_url(sign_in, pending.state))
        self._keep(answer, pending, _PENDING_S)
        return answer

    def leave_by_code(self, path: str) -> web.Response:
        """A redirect to the code that WeCom shows for scanning. Raises `NoSignIn`."""
        sign_in = self._wecom()
        pending = _Pending(secrets.token_hex(16), path, 1, QR)
        answer = redirect(self._login_url(sign_in, pending.state))
        self._keep(answer, pending, _PENDING_S)
        return answer

    async def enter(self, request: web.Request) -> web.Response:
        """The way back: a session, and on to the page that was wanted. Raises `NoSignIn`."""
        pending = self._pending(request)
        path = pending.path if pending else self._home
        code = request.query.get("code", "")
        if not (pending and self._is_ours(pending, request) and 0 < len(code) <= LONGEST_CODE):
            return redirect(str(URL(path).update_query({AGAIN: "1"})))
        try:
            userid = await self._member(code)
        except SignInCodeBad:
            return redirect(str(URL(path).update_query({AGAIN: "1"})))
        except NoSignIn as refusal:
            await note_refusal(request, pending.way, refusal.why, refusal.userid)
            raise
        if old := request.cookies.get(COOKIE):
            await self._sessions.end(old)
        answer = redirect(path)
        cookie = await begin_session(request, self._sessions, userid, pending.way)
        set_cookie(answer, COOKIE, cookie, LIFETIME_S, secure=self._secure)
        self._keep(answer, _Pending("", path, pending.tries), _SETTLED_S)
        return answer

    def forget(self, answer: web.Response) -> None:
        """Let the next try count as the first."""
        answer.del_cookie(_PENDING, path="/")

    async def _member(self, code: str) -> str:
        """The userid of active staff. Raises `NoSignIn` and `SignInCodeBad`."""
        try:
            identity = await self._wecom().wecom.get_user_by_code(code)
        except NotStaff:
            raise NoSignIn("outsider", 403) from None
        except SignInCodeBad:
            raise
        except WeChatError:
            raise NoSignIn("wecom_away", 503) from None
        staff = await find_staff(identity.userid)
        if staff is None or not staff.wecom:
            raise NoSignIn("unknown", 403, identity.userid)
        if not staff.active:
            raise NoSignIn("inactive", 403, identity.userid)
        return staff.userid

    def _wecom(self) -> SignIn:
        sign_in = self._deps.sign_in
        if sign_in is None or not self._deps.session_secrets:
            raise NoSignIn("not_configured", 503)
        return sign_in

    def _authorize_url(self, sign_in: SignIn, state: str) -> str:
        asked = {
            "appid": sign_in.wecom.corp_id,
            "redirect_uri": self._deps.public_url + self.return_path,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": str(sign_in.wecom.agent_id),
        }
        query = urlencode(asked)  # WeCom wants redirect_uri encoded to the last slash
        return f"{sign_in.oauth_base}/connect/oauth2/authorize?{query}#wechat_redirect"

    def _login_url(self, sign_in: SignIn, state: str) -> str:
        asked = {
            "login_type": "CorpApp",
            "appid": sign_in.wecom.corp_id,
            "agentid": str(sign_in.wecom.agent_id),
            "redirect_uri": self._deps.public_url + self.return_path,
            "state": state,
        }
        return f"{sign_in.login_base}/wwlogin/sso/login?{urlencode(asked)}"

    def _is_ours(self, pending: _Pending, request: web.Request) -> bool:
        given = request.query.get("state", "").encode("utf-8", "surrogateescape")
        return bool(pending.state) and hmac.compare_digest(pending.state.encode(), given)

    def _pending(self, request: web.Request) -> _Pending | None:
        text = self._signer.read(request.cookies.get(_PENDING, ""))
        return _Pending(**json.loads(base64.urlsafe_b64decode(text))) if text else None

    def _keep(self, answer: web.Response, pending: _Pending, for_s: int) -> None:
        text = base64.urlsafe_b64encode(json.dumps(asdict(pending)).encode()).decode()
        set_cookie(answer, _PENDING, self._signer.sign(text), for_s, secure=self._secure)

    def _own_path(self, request: web.Request) -> str:
        """The page that was asked for, without marks of an earlier try."""
        wanted = str(request.rel_url.without_query_params(AGAIN))
        return wanted if len(wanted) <= LONGEST_PATH else self._home


def set_cookie(
    answer: web.Response, name: str, value: str, for_s: int, *, secure: bool, path: str = "/"
) -> None:
    """A cookie that scripts and other sites' pages do not get."""
    answer.set_cookie(
        name, value, max_age=for_s, path=path, httponly=True, samesite="Lax", secure=secure
    )


def redirect(to: str) -> web.Response:
    """On to another page."""
    return web.Response(status=302, headers={"Location": to, "Cache-Control": "no-store"})
