"""Which passwords may be chosen: long, and not the first ones somebody would try."""

import unicodedata

SHORTEST, LONGEST = 10, 128
FEWEST_DIFFERENT = 5
COMMON = frozenset(
    {
        "0123456789",
        "1234567890",
        "0987654321",
        "123456789a",
        "a123456789",
        "123456789abc",
        "1234567890a",
        "1q2w3e4r5t",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "abc1234567",
        "abcd123456",
        "admin12345",
        "admin123456",
        "iloveyou520",
        "leadloop123",
        "letmein123",
        "password01",
        "password12",
        "password123",
        "password1234",
        "qwerty12345",
        "qwertyuiop",
        "woaini1314",
        "woaini520520",
        "zaq12wsxcde3",
    }
)


def normal(password: str) -> str:
    """The same characters, however the keyboard composed them."""
    return unicodedata.normalize("NFC", password)


def fault_of(password: str, userid: str) -> str | None:
    """Why this password may not be chosen; None when it may."""
    said = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return f"must be {SHORTEST} to {LONGEST} characters"
    if said in COMMON or len(set(said)) < FEWEST_DIFFERENT:
        return "is too easy to guess"
    if userid.casefold() in said and len(userid) >= FEWEST_DIFFERENT:
        return "must not contain the account"
    return None
