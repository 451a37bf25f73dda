"""Every way of typing comes down to one, and the way back is kept."""

from bot.understanding.normalise import normalise


def test_width_script_case_and_emoji_are_levelled():
    assert normalise("ＩＤ４ 邁騰😀[微笑]").text == "id4 迈腾"


def test_what_was_typed_can_be_quoted():
    sentence = normalise("去買了 理想L6[捂脸]")
    start = sentence.text.index("理想")
    assert sentence.original(start, start + 4) == "理想L6"


def test_a_lone_surrogate_cannot_leave_the_room():
    sentence = normalise("张\ud800总")
    assert sentence.original(0, len(sentence.text)).encode("utf-8")


def test_only_the_beginning_of_an_endless_message_is_read():
    assert len(normalise("啊" * 100_000).text) == 2000
