"""What is stored of rounds, questionnaires, indicators, frames and samples."""

from huiyin.survey.models.frames import (
    DoNotCall,
    Exchange,
    ImportState,
    ListedNumber,
    NumberList,
    Segment,
    SegmentImport,
    SegmentKind,
    SegmentTable,
    Subscribers,
)
from huiyin.survey.models.indicators import Composite, Indicator, IndicatorSet, Part
from huiyin.survey.models.questionnaires import Check, Questionnaire, Version
from huiyin.survey.models.rounds import (
    CALLER_ID,
    STAFF_ROLES,
    CallingHours,
    Quota,
    Round,
    Series,
    Staff,
)
from huiyin.survey.models.samples import Drawn, FrameKind, Sample, Stratum
from huiyin.survey.round_kinds import Annual, Half, Mode, RoundStatus

__all__ = [
    "CALLER_ID",
    "STAFF_ROLES",
    "Annual",
    "CallingHours",
    "Check",
    "Composite",
    "DoNotCall",
    "Drawn",
    "Exchange",
    "FrameKind",
    "Half",
    "ImportState",
    "Indicator",
    "IndicatorSet",
    "ListedNumber",
    "Mode",
    "NumberList",
    "Part",
    "Questionnaire",
    "Quota",
    "Round",
    "RoundStatus",
    "Sample",
    "Segment",
    "SegmentImport",
    "SegmentKind",
    "SegmentTable",
    "Series",
    "Staff",
    "Stratum",
    "Subscribers",
    "Version",
]
