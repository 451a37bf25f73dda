"""The yardstick: aiohttp that verifies, decrypts, parses and encrypts a reply, and nothing else.

`python -m benchmarks.bare PORT`
"""

import hmac
import sys

import uvloop
from aiohttp import web

from benchmarks.wechat import OA, WECOM, App, decrypt, read, reply, sign


def create_app() -> web.Application:
    """Callbacks of both channels, answered from nothing but the request."""
    app = web.Application()
    for wechat in (OA, WECOM):
        app.router.add_post(wechat.path, _answering(wechat))
    return app


def _answering(app: App):
    async def answer(request: web.Request) -> web.Response:
        query = request.query
        sealed = read(await request.read())["Encrypt"]
        signature = sign(app.token, query["timestamp"], query["nonce"], sealed)
        if not hmac.compare_digest(signature, query["msg_signature"]):
            return web.Response(status=403)
        message = read(decrypt(app, sealed))
        return web.Response(body=reply(app, message, "好的"), content_type="application/xml")

    return answer


if __name__ == "__main__":
    web.run_app(
        create_app(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),  # the loop the product runs on
    )
