"""`manage.py understand`: one sentence a line in, one JSON object a line out."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.understanding.adviser import understand_adviser
from bot.understanding.catalogue import Catalogue
from bot.understanding.customer import understand_customer
from bot.understanding.result import Role, Understanding
from bot.understanding.times import HOME

Understand = Callable[[str, datetime, Catalogue], Understanding]
_BY_ROLE: dict[Role, Understand] = {
    "customer": understand_customer,
    "adviser": understand_adviser,
}


def run(
    role: Role,
    lines: Iterable[str],
    now: datetime,
    catalogue: Catalogue,
    write: Callable[[str], object],
) -> None:
    """Write one line of JSON for each line read, in order; a blank line is `other` or `note`."""
    understand = _BY_ROLE[role]
    now = now if now.tzinfo else now.replace(tzinfo=HOME)
    for line in lines:
        understood = understand(line.rstrip("\r\n"), now, catalogue)
        write(json.dumps(understood.as_json(role), ensure_ascii=False) + "\n")
