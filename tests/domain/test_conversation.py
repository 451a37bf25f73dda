"""The conversation never asks for what it knows, never gets stuck, and forgets in time."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conversation import (
    Booked,
    Heard,
    Known,
    Order,
    Question,
    Step,
    Talk,
    Task,
    When,
)
from domain.listening import listen
from domain.next_step import QUESTIONS, next_step
from tests.domain.rules import china

NOW = china("2026-11-24 10:00")
SATURDAY_15 = china("2026-11-28 15:00")
SUNDAY_10 = china("2026-11-29 10:00")
FREE = (SATURDAY_15, SUNDAY_10)
ON_FILE = Known(has_phone=True, may_share=True, dealers=("CC01",), slots=FREE)
STRANGER = Known(dealers=("CC01",), slots=FREE)
DRIVE = Heard(intent="test_drive", models=("tayron",), when=When(SATURDAY_15))
SEALED = "sealed"


def turn(talk: Talk, heard: Heard, known: Known = STRANGER) -> Step:
    return next_step(talk, listen(talk, heard, known.booked, NOW), heard, known)


def keys(step: Step) -> list[str]:
    return [line.key for line in step.lines]


def story(known: Known, *messages: Heard) -> list[Step]:
    talk, steps = Talk(), []
    for heard in messages:
        step = turn(talk, heard, known)
        talk = Talk.from_json(json.loads(json.dumps(step.talk.as_json())))
        steps.append(step)
    return steps


YES, NO = Heard(yes=True), Heard(no=True)
NEVER_MIND = Heard(never_mind=True)
PHONE = Heard(intent="leave_contact", phone=SEALED)
PRICE = Heard(intent="ask_price", models=("tayron",))


# ── a test drive ─────────────────────────────────────────────────────────────────────────────


def test_who_says_everything_is_asked_for_agreement_and_number_only() -> None:
    held, agreed, done = story(STRANGER, DRIVE, YES, PHONE)
    assert (held.talk.asks, held.orders) == (Question.CONSENT, (Order.HOLD,))
    assert (agreed.talk.asks, agreed.orders) == (Question.PHONE, ())
    assert done.orders == (Order.LEAD, Order.BOOK)
    assert keys(done) == ["booked"]


def test_who_is_on_file_only_confirms() -> None:
    held, done = story(ON_FILE, DRIVE, YES)
    assert (held.talk.asks, held.orders) == (Question.CONFIRM, (Order.HOLD,))
    assert Order.BOOK in done.orders


def test_slots_are_asked_one_after_another() -> None:
    nowhere = Known(slots=FREE)
    two = replace(STRANGER, dealers=("CC01", "CC02"))
    which_model = turn(Talk(), Heard(intent="test_drive"), nowhere)
    which_city = turn(which_model.talk, Heard(intent="ask_model", models=("tayron",)), nowhere)
    which_dealer = turn(which_city.talk, Heard(intent="find_dealer", city="长春"), two)
    which_time = turn(which_dealer.talk, Heard(choice=2), two)
    held = turn(which_time.talk, Heard(choice=1), two)
    asked = [s.talk.asks for s in (which_model, which_city, which_dealer, which_time, held)]
    assert asked == [
        Question.MODEL,
        Question.CITY,
        Question.DEALER,
        Question.TIME,
        Question.CONSENT,
    ]
    assert (held.talk.dealer, held.talk.when) == ("CC02", When(SATURDAY_15))


def test_a_part_of_a_day_is_no_time_yet() -> None:
    afternoon = When(SATURDAY_15, SATURDAY_15 - timedelta(hours=3), SATURDAY_15)
    step = turn(Talk(), replace(DRIVE, when=afternoon))
    assert (step.talk.asks, keys(step)) == (Question.TIME, ["choose_time"])


def test_a_taken_time_brings_others() -> None:
    step = turn(Talk(), replace(DRIVE, when=When(SATURDAY_15 + timedelta(hours=1))))
    assert keys(step) == ["time_taken"]
    assert step.talk.offered == tuple(at.isoformat() for at in FREE)


def test_a_correction_holds_the_new_time_instead() -> None:
    held, other = story(STRANGER, DRIVE, Heard(corrects=True, when=When(SUNDAY_10)))
    assert other.orders == (Order.HOLD,)
    assert other.talk.held != held.talk.held


def test_the_clock_alone_belongs_to_the_day_spoken_of() -> None:
    day = When(SATURDAY_15, SATURDAY_15.replace(hour=0), SUNDAY_10.replace(hour=0))
    three = When(china("2026-11-24 15:00"), said_day=False)
    _, step = story(STRANGER, replace(DRIVE, when=day), Heard(when=three))
    assert step.talk.when == When(SATURDAY_15)


def test_a_question_on_the_way_is_answered_and_the_task_goes_on() -> None:
    held, price = story(STRANGER, DRIVE, replace(PRICE, models=("troc",)))
    assert price.answers == "ask_price"
    assert keys(price)[0] == "back_to_drive"
    assert (price.talk.asks, price.talk.model) == (held.talk.asks, "tayron")


def test_another_car_in_a_correction_changes_the_car() -> None:
    _, other = story(STRANGER, DRIVE, Heard("ask_model", models=("troc",), corrects=True))
    assert (other.answers, other.talk.model) == ("", "troc")


def test_a_test_drive_that_is_booked_can_be_moved_or_called_off() -> None:
    booked = replace(ON_FILE, booked=Booked(7, "tayron", "CC01", SATURDAY_15))
    again = turn(Talk(), DRIVE, booked)
    assert again.talk.asks == Question.MOVE_OR_CANCEL
    assert turn(again.talk, Heard(choice=2), booked).orders == (Order.CANCEL,)
    assert turn(again.talk, Heard(when=When(SUNDAY_10)), booked).orders == (Order.MOVE,)
    moved = Heard(intent="test_drive", reschedules=True, when=When(SUNDAY_10))
    assert turn(Talk(), moved, booked).orders == (Order.MOVE,)
    assert turn(Talk(), Heard("test_drive", cancels=True), booked).orders == (Order.CANCEL,)
    assert turn(again.talk, NEVER_MIND, booked).orders == ()


def test_who_cannot_come_is_asked_before_anything_is_lost() -> None:
    booked = replace(ON_FILE, booked=Booked(7, "tayron", "CC01", SATURDAY_15))
    step = turn(Talk(), Heard("test_drive", cannot_come=True), booked)
    assert (step.orders, step.talk.asks) == ((), Question.MOVE_OR_CANCEL)


def test_nothing_free_for_weeks_leads_to_a_person() -> None:
    step = turn(Talk(), DRIVE, replace(STRANGER, slots=()))
    assert keys(step)[0] == "no_slots"
    assert step.talk.task == Task.CONTACT


# ── a number, with consent ───────────────────────────────────────────────────────────────────


def test_a_number_waits_for_agreement() -> None:
    asked, done = story(STRANGER, PHONE, YES)
    assert (asked.talk.asks, asked.orders) == (Question.CONSENT, ())
    assert done.orders == (Order.LEAD,)


@pytest.mark.parametrize("refusal", [NO, NEVER_MIND])
def test_a_refused_number_is_forgotten(refusal: Heard) -> None:
    _, refused = story(STRANGER, PHONE, refusal)
    assert refused.orders == ()
    assert SEALED not in json.dumps(refused.talk.as_json())


def test_a_refusal_gives_the_held_place_back() -> None:
    _, refused = story(STRANGER, DRIVE, NO)
    assert refused.orders == (Order.GIVE_BACK,)
    assert keys(refused) == ["not_agreed"]


def test_a_number_without_a_town_is_taken_first_and_placed_later() -> None:
    _, taken = story(Known(), PHONE, YES)
    assert (taken.orders, taken.talk.asks) == ((Order.LEAD,), Question.CITY)
    placed = turn(
        taken.talk,
        Heard(intent="find_dealer", city="长春"),
        Known(has_phone=True, may_share=True, unplaced=True, dealers=("CC02", "CC01")),
    )
    assert (placed.orders, placed.talk.dealer) == ((Order.PLACE,), "CC02")


def test_why_is_answered_with_why() -> None:
    _, why = story(STRANGER, DRIVE, Heard(why=True))
    assert keys(why)[0] == "why_number"


# ── questions ────────────────────────────────────────────────────────────────────────────────


def test_a_price_without_a_car_waits_for_the_car() -> None:
    which, answer = story(
        STRANGER, Heard(intent="ask_price"), Heard(intent="ask_model", models=("tayron",))
    )
    assert keys(which) == ["which_model"]
    assert answer.answers == "ask_price"


def test_the_car_spoken_of_is_remembered() -> None:
    _, price = story(STRANGER, Heard("ask_model", models=("tayron",)), Heard("ask_price"))
    assert price.answers == "ask_price"


def test_an_offer_is_accepted_with_a_word_and_dropped_without_one() -> None:
    offered, accepted = story(STRANGER, PRICE, YES)
    assert offered.talk.asks == Question.WANT_DRIVE
    assert accepted.talk.task == Task.DRIVE
    assert turn(offered.talk, Heard(intent="thanks")).talk.asks == Question.NONE


def test_what_is_not_understood_is_said_and_then_a_person_offered() -> None:
    steps = story(STRANGER, replace(DRIVE, when=None), Heard(), Heard(), Heard())
    assert [keys(step)[0] for step in steps] == [
        "which_time",
        "not_understood",
        "offer_person",
        "offer_person",
    ]
    assert keys(turn(Talk(), Heard())) == ["unknown"]


# ── nothing twice in the same words ──────────────────────────────────────────────────────────


def test_an_answer_that_was_read_comes_in_other_words() -> None:
    ask = Heard("ask_price")
    first, again, named = story(STRANGER, PRICE, ask, PRICE)
    assert [step.again for step in (first, again, named)] == [False, True, False]
    assert (keys(first), keys(again)) == (["offer_want_drive"], [])
    assert again.talk.asks == Question.WANT_DRIVE  # it still stands on the phone


def test_an_offer_that_is_not_made_is_not_open() -> None:
    _, _, other = story(STRANGER, PRICE, Heard("finance"), Heard("ask_price"))
    assert (keys(other), other.talk.asks) == ([], Question.NONE)


def test_an_open_question_is_repeated_in_few_words() -> None:
    steps = story(STRANGER, DRIVE, Heard(name="梅梅"), Heard(intent="thanks"), Heard(nods=True))
    assert [keys(step) for step in steps] == [
        ["drive_consent"],
        ["noted", "again_drive_consent"],
        ["thanks_short", "again_drive_consent"],
        ["no_hurry"],
    ]


def test_another_time_is_another_sentence_of_consent() -> None:
    _, other = story(STRANGER, DRIVE, Heard(when=When(SUNDAY_10)))
    assert keys(other) == ["drive_consent"]


# ── second thoughts ──────────────────────────────────────────────────────────────────────────


def test_who_keeps_the_number_is_let_go_and_told_where_to_come() -> None:
    held, kept = story(STRANGER, DRIVE, Heard(keeps_number=True))
    assert held.orders == (Order.HOLD,)
    assert (keys(kept), kept.orders) == (["keeps_number_at"], (Order.GIVE_BACK,))
    assert kept.talk.task == Task.NONE


def test_agreement_given_after_the_purpose_was_told_counts_whenever_it_comes() -> None:
    taken = When(SATURDAY_15 + timedelta(hours=1))
    agrees = Heard(agrees=True, yes=True, phone=SEALED)
    *_, agreed, done = story(STRANGER, DRIVE, Heard(when=taken), agrees, Heard(choice=1))
    assert agreed.talk.agreed_at == NOW
    assert Order.BOOK in done.orders
    (early,) = story(STRANGER, Heard("test_drive", agrees=True, yes=True))
    assert early.talk.agreed_at is None


def test_none_of_the_offered_times_asks_for_theirs() -> None:
    *_, other = story(STRANGER, replace(DRIVE, when=None), NO)
    assert (keys(other), other.talk.asks) == (["other_time"], Question.TIME)


def test_any_time_will_do() -> None:
    *_, held = story(STRANGER, replace(DRIVE, when=None), Heard(whatever=True))
    assert held.orders == (Order.HOLD,)


def test_a_clock_time_after_the_booking_was_spoken_of_moves_it() -> None:
    booked = replace(ON_FILE, booked=Booked(7, "tayron", "CC01", SATURDAY_15 - timedelta(hours=2)))
    three = Heard(bare=True, when=When(china("2026-11-24 15:00"), said_day=False))
    asked = turn(Talk(), Heard(asks_mine=True), booked)
    assert keys(asked) == ["mine"]
    assert turn(asked.talk, three, booked).orders == (Order.MOVE,)
    assert turn(Talk(), three, booked).orders == ()


def test_a_store_without_the_car_is_said_once() -> None:
    lacking = replace(STRANGER, lacks="CC02")
    first, then = story(lacking, replace(DRIVE, when=None), Heard(when=When(SUNDAY_10)))
    assert keys(first) == ["dealer_lacks", "which_time"]
    assert "dealer_lacks" not in keys(then)


def test_a_car_at_the_store_spoken_of() -> None:
    step = turn(Talk(shown="CC01"), Heard("ask_model", models=("talagon",), here=True))
    assert step.answers == "sells"


def test_wishes_without_a_name_are_looked_up() -> None:
    suv = Heard("ask_model", features=("suv",), budget=200_000)
    assert turn(Talk(model="tayron"), suv).answers == "suggest"
    assert turn(Talk(model="tayron"), Heard("ask_price", budget=200_000)).answers == "ask_price"


# ── for every conversation ───────────────────────────────────────────────────────────────────

models = st.sampled_from(["", "tayron", "troc"])
times = st.sampled_from([SATURDAY_15, SUNDAY_10, china("2026-11-28 12:30")])
whens = st.builds(When, times) | st.builds(
    When, st.just(SATURDAY_15), st.just(SATURDAY_15 - timedelta(hours=3)), st.just(SUNDAY_10)
)
dealers = st.lists(st.sampled_from(["CC01", "CC02", "SY01"]), unique=True).map(tuple)
bookings = st.none() | st.builds(Booked, st.just(7), st.just("tayron"), st.just("CC01"), times)
knowns = st.builds(
    Known,
    has_phone=st.booleans(),
    may_share=st.booleans(),
    position=st.booleans(),
    dealers=dealers,
    slots=st.lists(times, unique=True).map(tuple),
    booked=bookings,
    unplaced=st.booleans(),
    lacks=st.sampled_from(["", "CC02"]),
)
hearings = st.builds(
    Heard,
    intent=st.sampled_from(
        [*sorted(QUESTIONS), "test_drive", "leave_contact", "greet", "thanks", "other"]
    ),
    models=models.map(lambda m: (m,) if m else ()),
    city=st.sampled_from(["", "长春"]),
    dealer=st.sampled_from(["", "CC01", "SY01"]),
    when=st.none() | whens,
    phone=st.sampled_from(["", SEALED]),
    choice=st.integers(0, 4),
    yes=st.booleans(),
    no=st.booleans(),
    never_mind=st.booleans(),
    corrects=st.booleans(),
    reschedules=st.booleans(),
    cancels=st.booleans(),
    cannot_come=st.booleans(),
    place=st.booleans(),
    faq=st.sampled_from(["", "质保"]),
    agrees=st.booleans(),
    keeps_number=st.booleans(),
    whatever=st.booleans(),
    as_before=st.booleans(),
    bare=st.booleans(),
    nods=st.booleans(),
    here=st.booleans(),
    asks_mine=st.booleans(),
    features=st.sampled_from([(), ("suv",)]),
    detail=st.sampled_from(["", "油耗"]),
    about=st.sampled_from(["", "hours"]),
)
conversations = st.lists(st.tuples(hearings, knowns), min_size=1, max_size=6)


def played(messages: list[tuple[Heard, Known]]) -> list[tuple[Step, Known]]:
    talk, steps = Talk(), []
    for heard, known in messages:
        step = turn(talk, heard, known)
        talk = step.talk
        steps.append((step, known))
    return steps


@given(conversations)
def test_what_is_known_is_never_asked(messages: list[tuple[Heard, Known]]) -> None:
    for step, known in played(messages):
        asks, talk = step.talk.asks, step.talk
        if asks == Question.PHONE:
            assert (known.has_phone, talk.phone) == (False, "")
        if asks == Question.CONSENT:
            assert (known.may_share, talk.agreed_at) == (False, None)
        if asks == Question.MODEL and talk.task == Task.DRIVE:
            assert not talk.model
        if asks == Question.CITY and talk.task == Task.DRIVE:
            assert not known.dealers
        if asks == Question.DEALER:
            assert len(known.dealers) > 1


@given(conversations)
def test_nothing_is_booked_or_passed_on_without_agreement_and_number(
    messages: list[tuple[Heard, Known]],
) -> None:
    talk = Talk()
    for heard, known in messages:
        listened = listen(talk, heard, known.booked, NOW)
        step = next_step(talk, listened, heard, known)
        if {Order.BOOK, Order.LEAD} & set(step.orders):
            assert known.may_share or listened.agreed_at
            assert known.has_phone or listened.phone
        talk = step.talk


@given(conversations)
def test_every_message_gets_an_answer(messages: list[tuple[Heard, Known]]) -> None:
    for step, _ in played(messages):
        assert step.lines or step.answers


@given(conversations)
def test_never_mind_always_ends_it(messages: list[tuple[Heard, Known]]) -> None:
    step, known = played(messages)[-1]
    ended = turn(step.talk, NEVER_MIND, known)
    assert (ended.talk.task, ended.talk.asks, ended.talk.phone) == (Task.NONE, Question.NONE, "")
    assert not {Order.BOOK, Order.LEAD, Order.CANCEL, Order.MOVE} & set(ended.orders)


@given(conversations)
def test_every_open_task_can_be_finished(messages: list[tuple[Heard, Known]]) -> None:
    """An obliging customer who answers what is asked gets there in a few messages."""
    step, _ = played(messages)[-1]
    known = replace(STRANGER, dealers=("CC01", "CC02"), booked=None)
    for _ in range(8):
        if step.talk.task in {Task.NONE, Task.MOVE}:
            return
        step = turn(step.talk, OBLIGING[step.talk.asks], known)
    raise AssertionError(f"still {step.talk.task} asking {step.talk.asks}")


OBLIGING = {
    Question.MODEL: Heard(intent="ask_model", models=("tayron",)),
    Question.CITY: Heard(intent="find_dealer", city="长春"),
    Question.DEALER: Heard(choice=1),
    Question.TIME: Heard(when=When(SATURDAY_15)),
    Question.CONSENT: YES,
    Question.PHONE: PHONE,
    Question.CONFIRM: YES,
    Question.MOVE_OR_CANCEL: Heard(choice=1),
    Question.NONE: Heard(),
}


@given(conversations)
def test_a_restart_in_between_changes_nothing(messages: list[tuple[Heard, Known]]) -> None:
    for step, _ in played(messages):
        kept = json.loads(json.dumps(step.talk.as_json()))
        assert Talk.from_json(kept) == step.talk


@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["task", "when", "offered"]),
        st.none() | st.integers() | st.text(max_size=8) | st.lists(st.integers()),
        max_size=5,
    )
)
def test_whatever_stands_in_the_session_is_read_or_forgotten(data: dict[str, object]) -> None:
    assert isinstance(Talk.from_json(data), Talk)


def test_times_are_kept_with_their_offset() -> None:
    talk = Talk(when=When(SATURDAY_15, said_day=False), agreed_at=NOW)
    again = Talk.from_json(json.loads(json.dumps(talk.as_json())))
    assert again.when is not None
    assert again.when.at == datetime.fromisoformat("2026-11-28T15:00:00+08:00")
    assert again == talk
