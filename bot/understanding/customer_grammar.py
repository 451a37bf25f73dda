"""The small grammar of what customers say about themselves, from its data file."""

import re
from functools import cache
from typing import Any

from texts import lexicon


def grammar(section: str) -> dict[str, Any]:
    """One table of texts/lexicon/customer_grammar.toml."""
    table: dict[str, Any] = lexicon.load("customer_grammar")[section]
    return table


@cache
def pattern(section: str, name: str) -> re.Pattern[str]:
    """One of the regular expressions in such a table."""
    return re.compile(grammar(section)[name])


@cache
def clause_ends() -> str:
    """The characters between clauses, without the space."""
    ends: str = lexicon.load("customer_grammar")["clause_ends"]
    return ends
