"""`python -m sandbox`: serve the platform until it is told to stop."""

import argparse
import logging
import os
import sys
from pathlib import Path

from aiohttp import web

from sandbox.app import create_app
from sandbox.config import BadConfig, Organisation, configure, read_organisation


def main() -> None:
    """Read arguments and SANDBOX_… variables, then serve. A bad setting ends it with status 2."""
    options = _arguments()
    logging.basicConfig(format="%(asctime)s sandbox %(levelname)s %(message)s")
    try:
        config = configure(
            os.environ,
            product_url=options.product.rstrip("/"),
            public_url=(options.public or options.product).rstrip("/"),
            organisation=_organisation(options.contacts),
            state_path=options.state,
        )
    except (BadConfig, OSError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        sys.exit(2)
    web.run_app(
        create_app(config),
        host=options.host,
        port=options.port,
        print=None,
        access_log=None,
        shutdown_timeout=2,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--product", default="http://127.0.0.1:8080", help="the product's address")
    parser.add_argument("--public", help="its public address, when that is another one")
    parser.add_argument("--contacts", type=Path, help="organisation.toml; models.toml beside it")
    parser.add_argument("--state", type=Path, help="keep the chats in this file")
    return parser.parse_args()


def _organisation(contacts: Path | None) -> Organisation:
    if contacts is None:
        return Organisation()
    return read_organisation(contacts, contacts.with_name("models.toml"))


if __name__ == "__main__":
    main()
