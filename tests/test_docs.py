"""The documents are true: pictures match the code's tables, links lead somewhere."""

import re
from pathlib import Path

import pytest

from domain.appointment import TRANSITIONS as APPOINTMENT
from domain.conversation import Question
from domain.lead import CLOSED, LeadState
from domain.lead import TRANSITIONS as LEAD
from settings import Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def section(title):
    """The text below a heading, up to the next one."""
    return re.split(r"^#+ ", ARCHITECTURE.partition(f"# {title}\n")[2], flags=re.M)[0]


def drawn(text):
    """Arrows of a mermaid state diagram."""
    return set(re.findall(r"^\s+(\w+) --> (\w+)", text, flags=re.M))


def tabled(text):
    """Rows of a `from | to` table."""
    rows = re.findall(r"^\| (\w+) \| (.*) \|$", text, flags=re.M)
    return {a: set(re.findall(r"\w+", b)) for a, b in rows if a != "from"}


def as_words(table):
    return {str(state): {str(target) for target in targets} for state, targets in table.items()}


def test_the_table_of_lead_states_is_the_codes():
    assert tabled(section("The states of a lead")) == as_words(LEAD)


def test_every_arrow_of_the_lead_picture_is_allowed():
    arrows = drawn(section("The states of a lead"))

    assert len(arrows) > 10
    for start, end in arrows:
        assert LeadState(end) in LEAD[LeadState(start)], f"{start} --> {end}"


def test_the_table_of_appointment_states_is_the_codes():
    assert tabled(section("The states of an appointment")) == as_words(APPOINTMENT)


def test_the_questions_of_a_conversation_are_the_codes():
    named = re.findall(r"^\| (\w+) \|", section("A conversation of the bot"), flags=re.M)
    assert set(named) - {"question"} == set(map(str, Question)) - {""}


def test_a_closed_lead_can_come_back_unless_its_customer_is_gone():
    for state in CLOSED - {LeadState.LAPSED}:
        assert LeadState.ASSIGNED in LEAD[state]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_the_readme_names_every_setting():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for name in Settings.model_fields:
        assert f"`{name.upper()}`" in readme, name


def test_every_decision_is_listed_and_names_its_guard():
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    decisions = sorted(ROOT.glob("docs/decisions/0*.md"))

    assert decisions
    for number, path in enumerate(decisions, start=1):
        assert path.name.startswith(f"{number:04}-")
        assert f"({path.name})" in index
        assert "**Guarded by**" in path.read_text(encoding="utf-8")
