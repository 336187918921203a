"""What the room stores: units, accounts, posts, groups and the records that units keep."""

from huiyin.organisation.kinds import (
    Deed,
    Duty,
    GroupKind,
    MeetingKind,
    PostKind,
    ServiceKind,
    UnitKind,
)
from huiyin.organisation.models.accounts import (
    Account,
    AccountManager,
    Holding,
    Invitation,
    PasswordRecord,
    SignInAttempt,
    Token,
)
from huiyin.organisation.models.groups import (
    Charter,
    Commitment,
    Decision,
    Group,
    Meeting,
    Member,
    Street,
)
from huiyin.organisation.models.posts import (
    Engagement,
    Holder,
    Pairing,
    Post,
)
from huiyin.organisation.models.structures import (
    CampaignType,
    StructureTemplate,
    StudyTopic,
    VillageService,
)
from huiyin.organisation.models.units import BudgetLine, Unit

__all__ = [
    "Account",
    "AccountManager",
    "BudgetLine",
    "CampaignType",
    "Charter",
    "Commitment",
    "Decision",
    "Deed",
    "Duty",
    "Engagement",
    "Group",
    "GroupKind",
    "Holder",
    "Holding",
    "Invitation",
    "Meeting",
    "MeetingKind",
    "Member",
    "Pairing",
    "PasswordRecord",
    "Post",
    "PostKind",
    "ServiceKind",
    "SignInAttempt",
    "Street",
    "StructureTemplate",
    "StudyTopic",
    "Token",
    "Unit",
    "UnitKind",
    "VillageService",
]
