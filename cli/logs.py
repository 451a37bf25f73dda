"""Where log lines go and how they look: facts on standard error, JSON unless a person watches."""

import logging
import sys

import orjson
import structlog
from structlog.typing import Processor

from cli.telemetry import errors_to_sentry
from settings import VERSION, Settings


def configure_logs(settings: Settings) -> None:
    """Set it up for the process. Libraries speak only when something is wrong."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s"
    )
    as_text = settings.log_format == "console" or (not settings.log_format and sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *errors_to_sentry(settings, VERSION),
            structlog.processors.TimeStamper(fmt="iso", utc=not as_text),
            *(_for_people() if as_text else _for_machines()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def only_errors() -> None:
    """For a command whose own output is what counts."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def _for_people() -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def _for_machines() -> list[Processor]:
    return [structlog.processors.JSONRenderer(serializer=_json)]


def _json(line: object, **_: object) -> str:
    """Log values are plain; what is not is named by its type, never shown."""
    return orjson.dumps(line, default=lambda value: type(value).__name__).decode()
