"""Making an API key: shown once, kept as a hash, refused when it could not work."""

import pytest

import bootstrap
from api.auth import key_hash
from cli.create_key import create
from cli.trouble import CannotStart
from db.models import ApiKey
from settings import Settings


@pytest.fixture
def settings(sqlite_url):
    return Settings(secret_key="k" * 32, database_url=sqlite_url)


async def test_only_the_hash_of_a_new_key_is_kept(settings):
    key = await create(settings, "media", ["leads:write", "leads:read"])

    async with bootstrap.desk(settings):
        row = await ApiKey.get(name="media")
    assert row.key_hash == key_hash(key)
    assert row.scopes == ["leads:read", "leads:write"]


async def test_a_name_is_taken_once(settings):
    await create(settings, "media", ["ops"])

    with pytest.raises(CannotStart, match="media"):
        await create(settings, "media", ["ops"])


async def test_a_scope_nobody_checks_is_refused_with_those_there_are(settings):
    with pytest.raises(CannotStart, match=r"everything.*leads:write"):
        await create(settings, "media", ["everything"])
