"""The envelope reproduces the platform's published vectors and refuses everything else."""

import pytest

from sandbox.crypto import BrokenEnvelope, Envelope, jsapi_signature, sign

OA = Envelope("A" * 43, "wxba5fad812f8e6fb9")
WECOM = Envelope("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
DEBUG_DEMO = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQ"
    "qcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZ"
    "uMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWy"
    "gb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
GOOD_LUCK = (
    "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
)
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


@pytest.mark.parametrize(
    ("parts", "signature"),
    [
        (("1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        (("1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        (("1714112445", "415670741", DEBUG_DEMO), "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"),
        (("1713424427", "415670741", GOOD_LUCK), "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"),
    ],
)
def test_signatures_are_those_published(parts: tuple[str, ...], signature: str) -> None:
    assert sign("AAAAA", *parts) == signature


def test_a_published_message_opens() -> None:
    assert b"debug_demo" in OA.open(DEBUG_DEMO)


def test_a_published_reply_is_sealed_byte_for_byte() -> None:
    assert OA.seal(b'{"demo_resp":"good luck"}', b"707722b803182950") == GOOD_LUCK


def test_the_published_wecom_echo_opens() -> None:
    assert sign("QDG6eK", "1409659589", "263014780", ECHO) == (
        "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    )
    assert WECOM.open(ECHO) == b"1616140317555161061"


def test_the_published_page_signature() -> None:
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    url = "http://mp.weixin.qq.com?params=value"
    signature = "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    assert jsapi_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, url) == signature


def test_two_seals_of_one_message_differ() -> None:
    assert OA.seal(b"x") != OA.seal(b"x")


@pytest.mark.parametrize("sealed", ["", "!!!", "QUJD", GOOD_LUCK[:-4], GOOD_LUCK + "QUJD"])
def test_what_is_not_whole_is_refused(sealed: str) -> None:
    with pytest.raises(BrokenEnvelope):
        OA.open(sealed)


def test_a_message_for_somebody_else_is_refused() -> None:
    sealed = Envelope("A" * 43, "wxanother").seal(b"hello")
    with pytest.raises(BrokenEnvelope, match="another receiver"):
        OA.open(sealed)


def test_one_changed_byte_is_refused() -> None:
    sealed = GOOD_LUCK[:60] + ("B" if GOOD_LUCK[60] != "B" else "C") + GOOD_LUCK[61:]
    with pytest.raises(BrokenEnvelope):
        OA.open(sealed)
