"""The ladder's pages: the board, lists, the moves of one case, making ladders, trying them out."""

from django.urls import path

from linli.doors.duty.views import board, ladders, moves, problems, simulate, tiers

app_name = "duty"
urlpatterns = [
    path("", board.board, name="board"),
    path("list/", board.stays, name="stays"),
    path("problems/", problems.problems, name="problems"),
    path("problems/export/", problems.export, name="problems_export"),
    path("cases/<slug:number>/receive/", moves.receive, name="receive"),
    path("cases/<slug:number>/climb/", moves.climb, name="climb"),
    path("cases/<slug:number>/assign/", moves.assign, name="assign"),
    path("simulation/", simulate.simulate, name="simulation"),
    path("ladders/", ladders.index, name="ladders"),
    path("ladders/new/", ladders.create, name="ladder_new"),
    path("ladders/<int:ladder_id>/", ladders.ladder, name="ladder"),
    path("ladders/<int:ladder_id>/edit/", ladders.edit, name="ladder_edit"),
    path("ladders/<int:ladder_id>/activate/", ladders.activate, name="ladder_activate"),
    path("ladders/<int:ladder_id>/call-off/", ladders.call_off, name="ladder_call_off"),
    path("ladders/<int:ladder_id>/retire/", ladders.retire, name="ladder_retire"),
    path("ladders/<int:ladder_id>/discard/", ladders.discard, name="ladder_discard"),
    path("ladders/<int:ladder_id>/tiers/", tiers.add, name="tier_add"),
    path("tiers/<int:tier_id>/", tiers.edit, name="tier_edit"),
    path("tiers/<int:tier_id>/move/", tiers.move, name="tier_move"),
    path("tiers/<int:tier_id>/remove/", tiers.remove, name="tier_remove"),
]
