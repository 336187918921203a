"""Addresses of units, posts and groups."""

from __future__ import annotations

from django.urls import path

from huiyin.furniture.exchange import import_pages
from huiyin.organisation.sheets import UnitImport
from huiyin.organisation.views import groups, posts, records, structures, units

urlpatterns = [
    path("", units.units, name="units"),
    path("tree/", units.tree, name="tree"),
    path("readiness/", units.readiness, name="readiness"),
    path("units/add/", units.add_unit, name="add_unit"),
    path("units/<int:unit>/", units.unit, name="unit"),
    path("units/<int:unit>/change/", units.change_unit, name="change_unit"),
    path("units/<int:unit>/budget/", units.record_budget, name="record_budget"),
    path("units/<int:unit>/posts/add/", posts.add_unit_post, name="add_unit_post"),
    path("units/<int:unit>/study/add/", records.record_study, name="record_study"),
    path("posts/", posts.posts, name="posts"),
    path("posts/<int:post>/", posts.post, name="post"),
    path("posts/<int:post>/change/", posts.change_post, name="change_post"),
    path("posts/<int:post>/appoint/", posts.appoint, name="appoint"),
    path("posts/<int:post>/abolish/", posts.abolish, name="abolish"),
    path("posts/<int:post>/pair/", posts.pair, name="pair"),
    path("posts/<int:post>/engagements/add/", posts.log_engagement, name="log_engagement"),
    path("holders/<int:holder>/release/", posts.release, name="release"),
    path("pairings/", posts.pairings, name="pairings"),
    path("pairings/<int:pairing>/end/", posts.end_pairing, name="end_pairing"),
    path("engagements/", posts.engagements, name="engagements"),
    path("groups/", groups.groups, name="groups"),
    path("groups/add/", groups.add_group, name="add_group"),
    path("groups/<int:group>/", groups.group, name="group"),
    path("groups/<int:group>/change/", groups.change_group, name="change_group"),
    path("groups/<int:group>/members/set/", groups.set_member, name="set_member"),
    path("groups/<int:group>/posts/add/", posts.add_group_post, name="add_group_post"),
    path("groups/<int:group>/charter/add/", groups.adopt_charter, name="adopt_charter"),
    path("groups/<int:group>/commitments/add/", groups.attach_commitment, name="attach_commitment"),
    path("groups/<int:group>/meetings/add/", groups.hold_meeting, name="hold_meeting"),
    path("members/<int:member>/remove/", groups.remove_member, name="remove_member"),
    path("meetings/", groups.meetings, name="meetings"),
    path("meetings/<int:meeting>/", groups.meeting, name="meeting"),
    path("meetings/<int:meeting>/minutes/", groups.write_minutes, name="write_minutes"),
    path("meetings/<int:meeting>/decisions/add/", groups.record_decision, name="record_decision"),
    path("decisions/", groups.decisions, name="decisions"),
    path("decisions/<int:decision>/close/", groups.close_decision, name="close_decision"),
    path("files/<str:kind>/<int:key>/", groups.attachment, name="attachment"),
    path("templates/", structures.templates, name="templates"),
    path("templates/add/", structures.add_template, name="add_template"),
    path("templates/<int:template>/", structures.template, name="template"),
    path("templates/<int:template>/change/", structures.change_template, name="change_template"),
    path("templates/<int:template>/lay-out/", structures.lay_out, name="lay_out"),
    path("study/", records.study, name="study"),
    path("study/<int:study>/change/", records.change_study, name="change_study"),
    path("coverage/", records.coverage, name="coverage"),
    path("coverage/services/", records.services, name="services"),
    path("coverage/services/add/", records.add_service, name="add_service"),
    path("coverage/services/<int:service>/end/", records.end_service, name="end_service"),
    path("streets/", records.streets, name="streets"),
    path("streets/add/", records.add_street, name="add_street"),
    path("streets/<int:street>/change/", records.change_street, name="change_street"),
    path("campaign-types/", records.campaign_types, name="campaign_types"),
    path("campaign-types/add/", records.add_campaign_type, name="add_campaign_type"),
    path(
        "campaign-types/<int:campaign_type>/change/",
        records.change_campaign_type,
        name="change_campaign_type",
    ),
]
urlpatterns += import_pages("units/import/", UnitImport, "import_units")
