"""Addresses of the administrators' door, grouped by the thing they are about."""

from __future__ import annotations

from django.urls import path

from linli.doors.admin.views import (
    accounts,
    audit,
    buildings,
    calendar,
    catalogue,
    divisions,
    drafts,
    grids,
    home,
    matrix,
    operations,
    posts,
    rules,
    sheets,
    units,
    webhooks,
)

app_name = "admin_door"
urlpatterns = [
    path("", home.index, name="home"),
    path("suggest/<slug:source>", home.suggest, name="suggest"),
    # divisions
    path("divisions/", divisions.index, name="divisions"),
    path("divisions/new/", divisions.create, name="division_new"),
    path("divisions/import/", divisions.import_sheet, name="divisions_import"),
    path("divisions/shipped/", divisions.shipped, name="divisions_shipped"),
    path("divisions/confirm/", divisions.confirm, name="divisions_confirm"),
    path("divisions/borders/", divisions.borders, name="division_borders"),
    path("divisions/<int:place_id>/", divisions.show, name="division"),
    path("divisions/<int:place_id>/<slug:what>/", divisions.change, name="division_change"),
    # grids
    path("grids/", grids.index, name="grids"),
    path("grids/borders.geojson", grids.geojson, name="borders"),
    path("grids/import/", grids.import_file, name="grids_import"),
    path("grids/draw/", grids.draw, name="grids_draw"),
    path("grids/export/", grids.export, name="grids_export"),
    path("grids/versions/<int:set_id>/withdraw/", grids.withdraw, name="grids_withdraw"),
    path("grids/drafts/<int:draft_id>/", drafts.show, name="draft"),
    path("grids/drafts/<int:draft_id>/features.geojson", drafts.features, name="draft_features"),
    path("grids/drafts/<int:draft_id>/edit/", drafts.edit, name="draft_edit"),
    path("grids/drafts/<int:draft_id>/again/", drafts.again, name="draft_again"),
    path("grids/drafts/<int:draft_id>/publish/", drafts.publish, name="draft_publish"),
    path("grids/drafts/<int:draft_id>/discard/", drafts.discard, name="draft_discard"),
    # buildings
    path("buildings/", buildings.index, name="buildings"),
    path("buildings/new/", buildings.create, name="building_new"),
    path("buildings/import/", buildings.import_sheet, name="buildings_import"),
    path("buildings/confirm/", buildings.confirm, name="buildings_confirm"),
    path("buildings/<int:place_id>/", buildings.show, name="building"),
    path("buildings/<int:place_id>/end/", buildings.end, name="building_end"),
    # catalogue
    path("catalogue/", catalogue.index, name="catalogue"),
    path("catalogue/new/", catalogue.create, name="item_new"),
    path("catalogue/<slug:key>/", catalogue.item, name="item"),
    path("catalogue/<slug:key>/retire/", catalogue.retire, name="item_retire"),
    path("catalogue/<slug:key>/restore/", catalogue.restore, name="item_restore"),
    path("catalogue/<slug:key>/rules/new/", rules.create, name="rule_new"),
    # filing rules
    path("rules/", rules.index, name="rules"),
    path("rules/import/", rules.import_sheet, name="rules_import"),
    path("rules/sets/<int:set_id>/", rules.rule_set, name="rule_set"),
    path("rules/drafts/<int:draft_id>/", rules.draft, name="rules_draft"),
    path("rules/drafts/<int:draft_id>/confirm/", rules.confirm, name="rules_confirm"),
    path("rules/drafts/<int:draft_id>/discard/", rules.discard, name="rules_discard"),
    path("rules/<int:rule_id>/", rules.rule, name="rule"),
    path("rules/<int:rule_id>/retire/", rules.retire, name="rule_retire"),
    # calendar and step limits
    path("calendar/", calendar.index, name="calendar"),
    path("calendar/<int:year>/", calendar.year, name="calendar_year"),
    path("calendar/<int:year>/day/", calendar.set_day, name="calendar_day"),
    path("calendar/<int:year>/mark/", calendar.mark, name="calendar_mark"),
    path("calendar/<int:year>/seed/", calendar.seed, name="calendar_seed"),
    path("calendar/<int:year>/hours/", calendar.hours, name="calendar_hours"),
    path("calendar/<int:year>/import/", calendar.import_year, name="calendar_import"),
    path("calendar/<int:year>/confirm/", calendar.confirm_year, name="calendar_confirm"),
    path("limits/", calendar.limits, name="limits"),
    # units
    path("units/", units.index, name="units"),
    path("units/new/", units.create, name="unit_new"),
    path("units/<int:unit_id>/", units.show, name="unit"),
    path("units/<int:unit_id>/end/", units.end, name="unit_end"),
    # posts
    path("posts/", posts.index, name="posts"),
    path("posts/new/", posts.appoint, name="post_new"),
    path("posts/kinds/", posts.kinds, name="kinds"),
    path("posts/kinds/<slug:code>/", posts.kind, name="kind"),
    path("posts/<int:post_id>/", posts.show, name="post"),
    path("posts/<int:post_id>/<slug:what>/", posts.change, name="post_change"),
    # sheets of units, posts and rules
    path("sheets/new/<slug:kind>/", sheets.upload, name="sheet_upload"),
    path("sheets/<int:sheet_id>/", sheets.show, name="sheet"),
    path("sheets/<int:sheet_id>/confirm/", sheets.confirm, name="sheet_confirm"),
    path("sheets/<int:sheet_id>/discard/", sheets.discard, name="sheet_discard"),
    # accounts
    path("accounts/", accounts.index, name="accounts"),
    path("accounts/new/", accounts.create, name="account_new"),
    path("accounts/<int:account_id>/", accounts.show, name="account"),
    path("accounts/<int:account_id>/<slug:what>/", accounts.change, name="account_change"),
    path("policy/", accounts.policy, name="policy"),
    # responsibility matrix
    path("matrix/", matrix.index, name="matrix"),
    path("matrix/draft/", matrix.draft, name="matrix_draft"),
    path("matrix/<int:number>/", matrix.edition, name="matrix_edition"),
    path("matrix/<int:number>/import/", sheets.upload, {"kind": "matrix"}, name="matrix_sheet"),
    path("matrix/<int:number>/report/", matrix.report, name="matrix_report"),
    path("matrix/<int:number>/dry-run/", matrix.dry_run, name="matrix_dry_run"),
    path("matrix/<int:number>/activate/", matrix.activate, name="matrix_activate"),
    path("matrix/<int:number>/discard/", matrix.discard, name="matrix_discard"),
    path("matrix/<int:number>/rules/new/", matrix.add_rule, name="matrix_rule_new"),
    path("matrix/<int:number>/rules/<int:rule_id>/", matrix.rule, name="matrix_rule"),
    path("matrix/<int:number>/rules/<int:rule_id>/remove/", matrix.remove_rule, name="matrix_rule_remove"),
    # operations
    path("operations/", operations.index, name="operations"),
    path("operations/deliveries/", operations.deliveries, name="deliveries"),
    path("operations/deliveries/retry/", operations.retry, name="deliveries_retry"),
    # other systems that hear of cases
    path("webhooks/", webhooks.index, name="webhooks"),
    path("webhooks/new/", webhooks.create, name="webhook_new"),
    path("webhooks/<int:endpoint_id>/", webhooks.show, name="webhook"),
    path("webhooks/<int:endpoint_id>/<slug:what>/", webhooks.change, name="webhook_change"),
    # audit
    path("journal/", audit.journal, name="journal"),
    path("journal/verify/", audit.verify, name="journal_verify"),
    path("journal/export.csv", audit.export, name="journal_export"),
    path("access/", audit.access, name="access"),
]
