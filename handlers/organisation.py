"""Regions, dealers, staff and the catalogue: whole rows, created or replaced."""

from db.models import ApiKey, CarModel, Dealer, Region, Staff
from db.queries import sessions
from domain.account_commands import WITHOUT_WECOM
from domain.commands import CreateApiKey, PutDealer, PutModel, PutRegion, PutStaff, SetDuty
from domain.errors import InvalidInput
from domain.events import StaffCameOnDuty, StaffLeft
from domain.organisation_commands import RevokeApiKey
from domain.timetables import InvalidHours, check_hours
from handlers.tx import Tx


async def put_region(command: PutRegion, tx: Tx) -> None:
    """Create or replace a region."""
    if command.parent_code and not await Region.exists(code=command.parent_code):
        raise InvalidInput([("parent_code", f"no region {command.parent_code}")])
    values = {"name": command.name, "parent_code": command.parent_code}
    await Region.update_or_create(values, code=command.code)


async def put_dealer(command: PutDealer, tx: Tx) -> None:
    """Create or replace a dealer."""
    _check_hours("hours", command.hours)
    if command.region and not await Region.exists(code=command.region):
        raise InvalidInput([("region", f"no region {command.region}")])
    await _check_models(command.models)
    values = {
        "name": command.name,
        "region_id": command.region,
        "city": command.city,
        "address": command.address,
        "lat": command.lat,
        "lng": command.lng,
        "phone": command.phone,
        "hours": command.hours,
        "models": command.models,
        "open": command.open,
        "quota": command.quota,
        "quality": command.quality,
    }
    await Dealer.update_or_create(values, code=command.code)
    tx.changes_reference = True


async def put_staff(command: PutStaff, tx: Tx) -> None:
    """Create or replace a member of staff; who left or moved hands their leads over.

    Who left is signed out, so that nothing of it is left should they come back.
    """
    before = await Staff.get_or_none(userid=command.userid)
    in_wecom = before.wecom if before and command.wecom is None else command.wecom is not False
    await _check_workplace(command, in_wecom=in_wecom)
    values = {
        "name": command.name,
        "role": command.role,
        "dealer_id": command.dealer_code,
        "region_id": command.region_code,
        "on_duty": command.on_duty,
        "capacity": command.capacity,
        "shifts": command.shifts,
        "leave": [list(span) for span in command.leave],
        "active": command.active,
        "wecom": in_wecom,
    }
    await Staff.update_or_create(values, userid=command.userid)
    if not command.active:
        await sessions.end_of(command.userid)
    moved = before and before.dealer_id and before.dealer_id != command.dealer_code
    if before and before.dealer_id and (moved or (before.active and not command.active)):
        tx.emit(StaffLeft(command.userid, before.dealer_id))
    if command.dealer_code and command.active and command.on_duty:
        tx.emit(StaffCameOnDuty(command.userid, command.dealer_code))


async def set_duty(command: SetDuty, tx: Tx) -> None:
    """上岗 or 休息."""
    staff = await tx.get(Staff, command.userid)
    staff.on_duty = command.on_duty
    if command.on_duty and staff.dealer_id:
        tx.emit(StaffCameOnDuty(staff.userid, staff.dealer_id))


async def put_model(command: PutModel, tx: Tx) -> None:
    """Create or replace a car line."""
    values = {
        "name": command.name,
        "aliases": list(command.aliases),
        "price_low": command.price_low,
        "price_high": command.price_high,
        "energy": command.energy,
        "on_sale": command.on_sale,
        "highlights": list(command.highlights),
    }
    await CarModel.update_or_create(values, code=command.code)
    tx.changes_reference = True


async def create_api_key(command: CreateApiKey, tx: Tx) -> int:
    """Register a key by its hash."""
    if await ApiKey.exists(name=command.name):
        raise InvalidInput([("name", f"there is a key named {command.name} already")])
    key = await tx.add(
        ApiKey(
            name=command.name,
            key_hash=command.key_hash,
            scopes=list(command.scopes),
            created_at=tx.now,
            created_by=command.by,
        )
    )
    return int(key.id)


async def revoke_api_key(command: RevokeApiKey, tx: Tx) -> bool:
    """Whether the key counted until now."""
    key = await tx.get(ApiKey, command.key_id)
    if key.revoked_at:
        return False
    key.revoked_at = tx.now
    return True


def _check_hours(name: str, hours: object) -> None:
    """Faults are named below the field they stand in."""
    try:
        check_hours(hours)
    except InvalidHours as fault:
        raise InvalidInput(
            [(f"{name}.{loc}".rstrip("."), msg) for loc, msg in fault.errors]
        ) from None


async def _check_models(models: object) -> None:
    if models == "all":
        return
    if not isinstance(models, list):
        raise InvalidInput([("models", 'must be "all" or a list of model codes')])
    known = set(await CarModel.filter(code__in=models).values_list("code", flat=True))
    unknown = [code for code in models if code not in known]
    if unknown:
        raise InvalidInput([("models", f"not in the catalogue: {', '.join(map(str, unknown))}")])


async def _check_workplace(command: PutStaff, *, in_wecom: bool) -> None:
    errors = []
    if not in_wecom and command.role not in WITHOUT_WECOM:
        errors.append(("role", f"a {command.role} works in WeCom"))
    if command.dealer_code and not await Dealer.exists(code=command.dealer_code):
        errors.append(("dealer_code", f"no dealer {command.dealer_code}"))
    if command.region_code and not await Region.exists(code=command.region_code):
        errors.append(("region_code", f"no region {command.region_code}"))
    if command.role in {"adviser", "dcc", "store_manager"} and not command.dealer_code:
        errors.append(("dealer_code", f"a {command.role} works at a dealer"))
    if command.role == "region_manager" and not command.region_code:
        errors.append(("region_code", "a region_manager works for a region"))
    for number, (first, last) in enumerate(command.leave):
        if last < first:
            errors.append((f"leave.{number}", "must not end before it begins"))
    if command.shifts is not None:
        _check_hours("shifts", command.shifts)
    if errors:
        raise InvalidInput(errors)
