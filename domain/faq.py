"""What a frequent question may look like: keywords that call for an answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput

LONGEST_ANSWER = 600
LONGEST_KEYWORD = 30
MOST_KEYWORDS = 50
MOST_QUESTIONS = 300

Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """An answer, the words that call for it, and those that do not let it speak.

    `instead_of_person`: it also answers who seems to ask for a person.
    """

    keywords: tuple[str, ...]
    answer: str
    unless: tuple[str, ...] = ()
    instead_of_person: bool = False


def folded(keyword: str) -> str:
    """A keyword as it is looked for: case and spaces do not matter."""
    return "".join(keyword.casefold().split())


def check_questions(questions: Sequence[Question]) -> None:
    """Raise `InvalidInput` naming every fault at its field (`questions.3.keywords.0`)."""
    faults = list(_faults(questions))
    if faults:
        raise InvalidInput(faults)


def _faults(questions: Sequence[Question]) -> Iterator[Fault]:
    if len(questions) > MOST_QUESTIONS:
        yield "questions", f"at most {MOST_QUESTIONS}"
    seen: dict[str, int] = {}
    for number, question in enumerate(questions):
        loc = f"questions.{number}"
        if not 0 < len(question.answer.strip()) <= LONGEST_ANSWER:
            yield f"{loc}.answer", f"must be 1 to {LONGEST_ANSWER} characters"
        if not 0 < len(question.keywords) <= MOST_KEYWORDS:
            yield f"{loc}.keywords", f"must be 1 to {MOST_KEYWORDS} keywords"
        for name in ("keywords", "unless"):
            yield from _faults_of_words(f"{loc}.{name}", getattr(question, name))
        for index, word in enumerate(question.keywords):
            first = seen.setdefault(folded(word), number)
            if first != number:
                yield f"{loc}.keywords.{index}", f"question {first + 1} has it too"


def _faults_of_words(loc: str, words: Sequence[str]) -> Iterator[Fault]:
    for index, word in enumerate(words):
        if not 0 < len(folded(word)) <= LONGEST_KEYWORD:
            yield f"{loc}.{index}", f"must be 1 to {LONGEST_KEYWORD} characters"
