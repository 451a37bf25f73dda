"""A second opinion: which labelled sentences a sentence is most like.

The grammar knows why; the examples (texts/lexicon/*_examples.toml) know how people put things
nobody thought of. Letters and pairs of letters are counted per label, and a sentence is likeliest
what its letters are likeliest in. Nothing is learned beyond these counts: a line more in the
file is a line more known.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.understanding.result import Role
from texts import lexicon

# What stands for whatever is named there, as one letter each, in the files as {time} and so on.
STAND_INS = ("time", "past", "vague", "model", "rival", "city", "phone")
_LETTER = {name: chr(0xE000 + at) for at, name in enumerate(STAND_INS)}
_NUMBER = re.compile(r"\d+")
_SMOOTHING = 0.1
_PRIOR = 0.3
_PROOF = 3.0
_FEWEST = 8
"""Below so many known features (about four characters) nothing is concluded."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something at `text[start:end]` that stands for its kind, one of STAND_INS."""

    kind: str
    start: int
    end: int


def second_opinion(
    role: Role, text: str, named: Iterable[Named], label: str, *, proof: bool = False
) -> str:
    """The label of the likest examples, or the grammar's own `label` unless it is far less like.

    `proof` if the grammar has more than a word for it, such as an agreed time.
    """
    examples = _examples(role)
    return examples.judge(_features(_generalised(text, named)), label, proof=proof)


class _Examples:
    """How often each letter and pair of letters stands in the examples of each label."""

    def __init__(self, role: Role) -> None:
        data = lexicon.load(f"{role}_examples")
        self.labels = tuple(data["examples"])
        self._trust: dict[str, float] = data["trust"]
        self._to_differ: dict[str, float] = data["to_differ"]
        self._sizes = [len(data["examples"][label]) for label in self.labels]
        self._counts: dict[str, list[int]] = {}
        for at, label in enumerate(self.labels):
            for sentence in data["examples"][label]:
                for feature in _features(_lettered(sentence)):
                    self._counts.setdefault(feature, [0] * len(self.labels))[at] += 1
        self._weights: dict[str, tuple[float, ...]] = {}

    def judge(self, features: set[str], label: str, *, proof: bool) -> str:
        known = [self._weight(feature) for feature in features if feature in self._counts]
        if len(known) < max(_FEWEST, len(features) / 2) or label not in self.labels:
            return label
        size = math.sqrt(len(known))
        scores = [sum(column) / size for column in zip(*known, strict=True)]
        total = sum(self._sizes)
        for at, own in enumerate(self._sizes):
            scores[at] += _PRIOR * math.log(own / total)
        mine = self.labels.index(label)
        scores[mine] += self._trust.get(label, self._trust["otherwise"]) + _PROOF * proof
        best = max(range(len(scores)), key=scores.__getitem__)
        other = self.labels[best]
        needed = self._to_differ.get(other, self._to_differ["otherwise"])
        return other if scores[best] - scores[mine] >= needed else label

    def _weight(self, feature: str) -> tuple[float, ...]:
        """For each label the log odds of the feature in its examples against all others."""
        if feature not in self._weights:
            counts, total = self._counts[feature], sum(self._sizes)
            everywhere = sum(counts)
            self._weights[feature] = tuple(
                math.log(
                    ((count + _SMOOTHING) / (size + 1))
                    / ((everywhere - count + _SMOOTHING) / (total - size + 1))
                )
                for count, size in zip(counts, self._sizes, strict=True)
            )
        return self._weights[feature]


@cache
def _examples(role: Role) -> _Examples:
    return _Examples(role)


def _generalised(text: str, named: Iterable[Named]) -> str:
    """The normalised text with its times, models … as single letters, every number as 0."""
    pieces: list[str] = []
    at = 0
    for thing in sorted(named, key=lambda n: (n.start, -n.end)):
        if thing.start >= at:
            pieces += [text[at : thing.start], _LETTER[thing.kind]]
            at = thing.end
    return _NUMBER.sub("0", "".join([*pieces, text[at:]])).strip()


def _lettered(sentence: str) -> str:
    for name, letter in _LETTER.items():
        sentence = sentence.replace(f"{{{name}}}", letter)
    return sentence


def _features(text: str) -> set[str]:
    framed = f"^{text}$" if text else ""
    return {*text, *(framed[at : at + 2] for at in range(len(framed) - 1))}
