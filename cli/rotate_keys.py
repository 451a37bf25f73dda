"""`rotate-keys`: seal all that is kept with the current secret key, so the previous can go."""

import bootstrap
from cli.storage import database_needed
from cli.trouble import CannotStart
from db.phone_vault import CannotDecrypt
from domain.account_commands import ReencryptTotpSecrets
from domain.privacy_commands import ReencryptPhones
from domain.webhook_commands import ReencryptWebhookSecrets
from settings import Settings

BATCH = 500


async def rotate(settings: Settings) -> None:
    """Go through webhooks', authenticators' secrets and all phones, a batch a transaction.

    Safe to repeat and to interrupt.

    Raises CannotStart.
    """
    last: int | None = 0
    try:
        with database_needed(settings):
            async with bootstrap.desk(settings) as desk:
                await desk.bus.execute(ReencryptWebhookSecrets())
                await desk.bus.execute(ReencryptTotpSecrets())
                while last is not None:
                    last = await desk.bus.execute(ReencryptPhones(after_id=last, limit=BATCH))
    except CannotDecrypt as fault:
        raise CannotStart(
            "something was sealed with a key that is neither LEADLOOP_SECRET_KEY nor "
            "LEADLOOP_SECRET_KEY_PREVIOUS: give the missing one as previous, then run this again"
        ) from fault
