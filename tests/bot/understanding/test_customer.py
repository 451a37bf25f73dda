"""What a customer writes is understood as a person answering would take it."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.understanding.catalogue import load_catalogue
from bot.understanding.customer import understand_customer

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "demo" / "models.toml")
MONDAY = "2026-11-23T10:00:00+08:00"


def understand(text, now=MONDAY):
    return understand_customer(text, datetime.fromisoformat(now), CATALOGUE)


def intent(text):
    return understand(text).label


def slot(text, name, now=MONDAY):
    return understand(text, now).slots.get(name)


# ---- the main intent ----


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("探岳多少钱，别再发了", "opt_out"),
        ("你们太坑了，转人工", "complaint"),
        ("转人工，问下探岳多少钱", "human"),
        ("揽境几个座，明天下午想试驾", "test_drive"),
        ("探岳油耗多少，多少钱", "ask_price"),
        ("探岳和探歌哪个便宜", "compare"),
        ("优惠完多少钱", "ask_price"),
        ("送保养吗", "promotion"),
        ("保养多少钱", "after_sales"),
        ("好的谢谢", "thanks"),
        ("好的", "other"),
    ],
)
def test_the_stronger_wish_wins(text, main):
    assert intent(text) == main


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("不想试驾，就问问价格", "ask_price"),
        ("不想试驾就问问价格", "ask_price"),
        ("不贷款，全款多少钱", "ask_price"),
        ("不是来投诉的，想问下探岳", "ask_model"),
        ("不要机器人回复", "human"),
        ("可以不贷款吗", "finance"),
    ],
)
def test_what_is_refused_is_not_the_wish(text, main):
    assert intent(text) == main


@pytest.mark.parametrize(
    "text", ["明天的试驾取消吧", "试驾改到周日下午", "不用试驾了", "来不了了", "推迟到下午四点"]
)
def test_a_changed_or_cancelled_test_drive_is_still_about_the_test_drive(text):
    assert intent(text) == "test_drive"


def test_two_things_are_needed_for_a_comparison():
    assert intent("迈腾和帕萨特哪个好") == "compare"
    assert intent("两驱和四驱有什么区别") == "compare"
    assert intent("迈腾哪个配置好") == "ask_model"


def test_trouble_with_a_car_is_after_sales_until_somebody_is_blamed():
    assert intent("刚提的车仪表亮灯了") == "after_sales"
    assert intent("刚提的车就漏油，什么破质量") == "complaint"


@pytest.mark.parametrize(
    "text", ["13800138000", "李雷 13800138000", "想买探岳，联系我13800138000"]
)
def test_a_phone_left_behind_is_a_contact(text):
    assert intent(text) == "leave_contact"
    assert slot(text, "phone") == "13800138000"


def test_a_phone_beside_a_question_does_not_hide_the_question():
    assert intent("探岳有现车吗 13800138000") == "stock"


# ---- silence ----


@pytest.mark.parametrize(
    "text",
    [
        "退订",
        "TD",
        "ＴＤ",
        "退 订",
        "別再聯繫我",
        "不要再发了！",
        "T",
        "别给我打电话了",
        "回T退订",
    ],
)
def test_opt_out_words_are_heard(text):
    assert intent(text) == "opt_out"


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("退订金要几天", "complaint"),
        ("STD版多少钱", "ask_price"),
        ("不要打电话，微信说", "other"),
        ("别打电话，微信发我报价", "ask_price"),
        ("现在别打电话，我在开会", "other"),
        ("要不要先给你们打电话预约试驾", "test_drive"),
        ("特别想联系你们问问探岳多少钱", "ask_price"),
        ("征信黑名单能贷款吗", "finance"),
        ("再发个定位我就过去", "find_dealer"),
        ("取消", "other"),
        ("我不是收到短信了吗", "other"),
        ("滚装船运来的吗", "other"),
    ],
)
def test_what_only_looks_like_opting_out_is_none(text, main):
    assert intent(text) == main


@pytest.mark.parametrize("text", ["恢复订阅", "重新接收", "取消退订", "订阅"])
def test_coming_back_is_heard(text):
    assert intent(text) == "opt_in"


# ---- robustness ----


@pytest.mark.parametrize(
    "text",
    [
        "探岳落地多少钱",
        "探嶽落地多少錢",
        "探月落地多少前😊",
        "那个你好我想问一下探岳现在落地大概多少钱啊",
    ],
)
def test_the_writing_does_not_matter(text):
    got = understand(text)
    assert (got.label, got.slots) == ("ask_price", {"models": ["tayron"]})


# ---- models ----


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("不是探岳是探歌", ["troc"]),
        ("探岳就算了，看看揽巡", ["tavendor"]),
        ("我的宝来想换探岳", ["tayron"]),
        ("开了8年的速腾置换迈腾", ["magotan"]),
        ("想卖了手上的轩逸换个探岳", ["tayron"]),
        ("探岳置换有补贴吗", ["tayron"]),
        ("同事买的迈腾多少钱", ["magotan"]),
        ("探岳和途观L哪个好", ["tayron"]),
        ("上汽的ID.4 X多少钱", None),
        ("我家迈腾空调不制冷", None),
        ("老款宝来能抵多少钱", None),
    ],
)
def test_models_are_the_ones_they_are_interested_in(text, models):
    assert slot(text, "models") == models


# ---- people and places ----


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我姓李", "李"),
        ("我姓李电话13912345678", "李"),
        ("我叫李雷", "李雷"),
        ("联系我 138 0013 8000 王女士", "王女士"),
        ("我叫韓梅梅", "韓梅梅"),
        ("叫我小王就行", "小王"),
        ("欧阳娜娜 13800138000", "欧阳娜娜"),
        ("我是王磊 13611112222", "王磊"),
        ("我是高尔夫车主", None),
        ("让王芳联系我", None),
        ("帮我叫救援", None),
        ("探岳 13800138000", None),
    ],
)
def test_a_name_is_taken_as_it_is_written(text, name):
    assert slot(text, "name") == name


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("长春有几家店", "长春"),
        ("吉林省长春市有店吗", "长春"),
        ("吉林市有你们的店没有", "吉林"),
        ("西双版纳有店吗", "西双版纳"),
        ("榆树市有店吗", "榆树"),
        ("榆树多吗", None),
        ("上海大众和你们一样吗", None),
        ("南京路那家店", None),
        ("白银色有吗", None),
        ("不在沈阳，在大连", "大连"),
    ],
)
def test_a_city_is_found_with_and_without_its_suffix(text, city):
    assert slot(text, "city") == city


# ---- when ----


def test_a_wished_time_carries_its_offset():
    assert slot("周六下午三点试驾探岳", "time").isoformat() == "2026-11-28T15:00:00+08:00"


@pytest.mark.parametrize(
    "text",
    ["过两天去试驾", "明天的试驾取消吧", "周六不行", "今天有什么优惠", "昨天去看过车", "今晚吃啥"],
)
def test_no_time_where_none_is_wished(text):
    assert slot(text, "time") is None


def test_a_moved_booking_has_the_new_time():
    assert slot("周六的试驾改到周日下午两点", "time").isoformat() == "2026-11-29T14:00:00+08:00"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("这周就买", 7),
        ("本月要提车", 30),
        ("打算下个月买车", 60),
        ("三个月内买", 90),
        ("三个月内吧", 90),
        ("半年内", 180),
        ("年底前买", 38),
        ("月底前想定", 7),
        ("五一前提车", 159),
        ("过年前能开上新车吗", 75),
        ("不急，明年再说", 365),
        ("今天就想下单", 1),
        ("这个月有活动吗", None),
        ("这周能试驾吗", None),
        ("今天订多久能提", None),
        ("贷三年内免息吗", None),
        ("不急", None),
        ("打算明年春天买", None),
    ],
)
def test_days_within_which_they_want_to_buy(text, days):
    assert slot(text, "purchase_window_days") == days


# ---- money ----


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("预算20万", 200_000),
        ("预算20", 200_000),
        ("25个以内 七座的", 250_000),
        ("三个月以内", None),
        ("预算从15万加到18万了", 180_000),
        ("15到20万的车", 200_000),
        ("二十来万的suv", 200_000),
        ("15w以内", 150_000),
        ("18万能拿下不", 180_000),
        ("首付5万", None),
        ("月供三千", None),
        ("优惠3万是真的吗", None),
        ("跑了5万公里", None),
        ("揽境贵不贵", None),
    ],
)
def test_a_budget_is_what_they_want_to_spend(text, yuan):
    assert slot(text, "budget") == yuan


def test_loans_and_old_cars_are_noted_beside_the_main_wish():
    slots = understand("首付两成，旧车顶一部分，迈腾月供多少").slots
    assert slots == {"models": ["magotan"], "finance": True, "trade_in": True}


@pytest.mark.parametrize("text", ["不贷款，全款", "没有旧车，首次购车"])
def test_a_denied_loan_or_old_car_is_absent(text):
    assert not {"finance", "trade_in"} & set(understand(text).slots)
