"""The kinds of things that the room tells apart; known to its rules, which know nothing stored."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class UnitKind(TextChoices):
    OFFICE = "office", _("Office for social governance")
    SURVEY_CENTRE = "survey_centre", _("Survey centre")
    DEPARTMENT = "department", _("Department")
    COURT = "court", _("Court")
    PROCURATORATE = "procuratorate", _("Procuratorate")
    POLICE = "police", _("Police")
    JUSTICE = "justice", _("Justice bureau")
    TOWN = "town", _("Town government")
    OTHER = "other", _("Other unit")


class GroupKind(TextChoices):
    LEADING = "leading", _("Leading group")  # 领导小组
    OFFICE = "office", _("Office of a group")  # 办公室
    COMMAND = "command", _("Command")  # 指挥部
    WORKING = "working", _("Working group")  # 工作组、专项组
    TASK_FORCE = "task_force", _("Task force")  # 专班


class Duty(TextChoices):
    """The five duties of a working group; each permits certain acts (001-09)."""

    GUIDE = "guide", _("Guide")  # 指导
    COORDINATE = "coordinate", _("Coordinate")  # 协调
    ADVANCE = "advance", _("Advance")  # 推进
    URGE = "urge", _("Urge")  # 督促
    ASSESS = "assess", _("Assess")  # 考评


class MeetingKind(TextChoices):
    PLENARY = "plenary", _("Plenary meeting")  # 全体会议
    DIRECTORS = "directors", _("Directors' meeting")  # 主任会议
    ON_SITE = "on_site", _("On-site meeting")  # 现场办公会
    DISPATCH = "dispatch", _("Dispatch meeting")  # 调度会
    OTHER = "other", _("Other meeting")


class PostKind(TextChoices):
    FIRST = "first", _("First-responsible")  # 第一责任人
    DIRECT = "direct", _("Direct-responsible")  # 直接责任人
    LIAISON = "liaison", _("Liaison")  # 联络员
    COMMANDER = "commander", _("Commander")  # 指挥长
    JOINT_COMMANDER = "joint_commander", _("Joint commander")  # 双指挥长之一
    EXECUTIVE_DEPUTY = "executive_deputy", _("Executive deputy commander")  # 常务副指挥长
    OTHER = "other", _("Other post")


class Deed(TextChoices):
    """What a first-responsible person does in person (四个亲自)."""

    ORGANISE = "organise", _("Organised in person")
    COMMAND = "command", _("Commanded in person")
    STUDY = "study", _("Studied and coordinated in person")
    SOLVE = "solve", _("Solved a problem in person")


class ServiceKind(TextChoices):
    ADVISER = "adviser", _("Legal adviser")  # 法律顾问
    AUXILIARY = "auxiliary", _("Auxiliary police officer")  # 辅警
