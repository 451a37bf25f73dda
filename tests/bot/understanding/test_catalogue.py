"""Models are found however customers and advisers spell them."""

from pathlib import Path

import pytest

from bot.understanding.catalogue import Catalogue, ModelNames, load_catalogue
from bot.understanding.normalise import normalise

DEMO = Path(__file__).parents[3] / "demo" / "models.toml"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(DEMO)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("看探岳", ["tayron"]),
        ("探岳X多少钱", ["tayron-x"]),
        ("探岳 x", ["tayron-x"]),
        ("探岳L", ["tayron"]),
        ("谈越怎么样", ["tayron"]),
        ("大众CC", ["cc"]),
        ("ID.4 Crozz", ["id4-crozz"]),
        ("id 4", ["id4-crozz"]),
        ("ＩＤ４", ["id4-crozz"]),
        ("高8", ["golf"]),
        ("golf gti", ["golf-gti"]),
        ("邁騰", ["magotan"]),
        ("覽境", ["talagon"]),
        ("速疼", ["sagitar"]),
        ("T-Roc", ["troc"]),
        ("探岳suv", ["tayron"]),
        ("迈腾和速腾", ["magotan", "sagitar"]),
    ],
)
def test_a_model_is_found_in_every_spelling(catalogue, text, codes):
    assert [m.code for m in catalogue.find(normalise(text).text)] == codes


@pytest.mark.parametrize("text", ["my account", "id45", "提高7%", "谈过了", "途观", "accent"])
def test_a_piece_of_another_word_is_no_model(catalogue, text):
    assert catalogue.find(text) == []


def test_a_mention_tells_where_it_stands(catalogue):
    text = "想看 id.4 crozz 红色"
    (mention,) = catalogue.find(text)
    assert text[mention.start : mention.end] == "id.4 crozz"


def test_another_brand_brings_its_own_names():
    catalogue = Catalogue([ModelNames("song", "宋PLUS", ("宋plus dmi",))])
    assert [m.code for m in catalogue.find("看看宋plus")] == ["song"]
    assert catalogue.codes == {"song"}
