"""What the room stores: units, accounts, posts and groups."""

from huiyin.organisation.models.accounts import Account, AccountManager, Holding
from huiyin.organisation.models.units import Unit, UnitKind

__all__ = ["Account", "AccountManager", "Holding", "Unit", "UnitKind"]
