from django.urls import path

from tracker.recommendations.views import (
    action,
    ask,
    bulk,
    closing,
    comment,
    due,
    embargo,
    evidence,
    lineage,
    measure,
    plan,
    response,
    review,
    unsent,
    update,
)
from tracker.recommendations.views import recommendation as views

app_name = "recommendations"
urlpatterns = [
    path("inspections/", views.inspections, name="inspections"),
    path("inspections/<int:pk>/", views.inspection, name="inspection"),
    # -- embargoes
    path("inspections/embargoes/", embargo.embargoes, name="embargoes"),
    path("inspections/<int:pk>/embargo/", embargo.embargo, name="embargo"),
    path("inspections/<int:pk>/embargo/set/", embargo.set_embargo, name="set_embargo"),
    path("inspections/<int:pk>/embargo/name/", embargo.name_person, name="name_person"),
    path("inspections/<int:pk>/embargo/unname/<int:person>/", embargo.unname_person, name="unname_person"),
    # --
    path("recommendations/", views.recommendations, name="list"),
    path("recommendations/bulk/", bulk.bulk, name="bulk"),
    path("recommendations/people/", views.people, name="people"),
    path("recommendations/<int:pk>/", views.detail, name="detail"),
    path("recommendations/<int:pk>/row/", views.row, name="row"),
    path("recommendations/<int:pk>/change/", views.change, name="change"),
    # -- responses and action plans
    path("recommendations/<int:pk>/respond/", response.respond, name="respond"),
    path("inspections/<int:pk>/plan/<int:addressee>/", plan.plan, name="plan"),
    path("inspections/<int:pk>/plan/<int:addressee>/due/", plan.set_plan_due, name="set_plan_due"),
    path("inspections/<int:pk>/plan/<int:addressee>/fix-dates/", plan.fix_dates, name="fix_dates"),
    path("inspections/<int:pk>/plan/<int:addressee>/clear/", plan.clear_plan, name="clear_plan"),
    path("inspections/<int:pk>/plan/<int:addressee>/send/", plan.send_plan, name="send_plan"),
    path("inspections/<int:pk>/plan/<int:addressee>/revise/", plan.revise_plan, name="revise_plan"),
    path("plans/sent/<int:pk>/", plan.sent_plan, name="sent_plan"),
    #
    # -- actions
    path("recommendations/<int:pk>/actions/add/", action.add_action, name="add_action"),
    path("actions/<int:pk>/", action.action, name="action"),
    path("actions/<int:pk>/edit/", action.edit_action, name="edit_action"),
    path("actions/<int:pk>/move/", action.move_action, name="move_action"),
    path("actions/<int:pk>/drop/", action.drop_action, name="drop_action"),
    path("actions/<int:pk>/done/", action.say_done, name="say_done"),
    path("actions/<int:pk>/not-yet/", action.say_not_yet, name="say_not_yet"),
    path("actions/<int:pk>/stuck/", action.say_stuck, name="say_stuck"),
    path("actions/<int:pk>/open/", action.open_action, name="open_action"),
    #
    # -- updates and what is not sent yet
    path("recommendations/<int:pk>/report/", update.report, name="report"),
    path("unsent/<str:place>/", unsent.save_unsent, name="save_unsent"),
    path("unsent/<str:place>/discard/", unsent.discard_unsent, name="discard_unsent"),
    #
    # -- measures
    path("recommendations/<int:pk>/add-measure/", measure.add_measure, name="add_measure"),
    path("recommendations/<int:pk>/link-measure/", measure.link_measure, name="link_measure"),
    path("measures/<int:pk>/", measure.measure, name="measure"),
    path("measures/<int:pk>/change/", measure.change_measure, name="change_measure"),
    path("measures/<int:pk>/end/", measure.end_measure, name="end_measure"),
    path("figures/", measure.figures, name="figures"),
    #
    # -- evidence
    path("recommendations/<int:pk>/add-evidence/", evidence.add_evidence, name="add_evidence"),
    path("evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/withdraw/", evidence.withdraw_evidence, name="withdraw_evidence"),
    # -- checks, submissions, sign-off
    path("recommendations/<int:pk>/check/", review.check, name="check"),
    path("recommendations/<int:pk>/submit/", review.submit, name="submit"),
    path("recommendations/<int:pk>/withdraw/", review.withdraw, name="withdraw"),
    path("recommendations/<int:pk>/return/", review.return_, name="return"),
    path("recommendations/<int:pk>/sign-off/", review.sign_off, name="sign_off"),
    path("recommendations/<int:pk>/sustain/", review.sustain, name="sustain"),
    path("recommendations/<int:pk>/reopen/", review.reopen, name="reopen"),
    path("recommendations/<int:pk>/close/", closing.close, name="close"),
    path("recommendations/<int:pk>/correct-text/", closing.correct_text, name="correct_text"),
    #
    # -- later due dates
    path("recommendations/<int:pk>/due/", due.set_due, name="set_due"),
    path("recommendations/<int:pk>/correct-date/", due.correct_date, name="correct_date"),
    path("recommendations/<int:pk>/ask-extension/", due.ask_extension, name="ask_extension"),
    path("extensions/<int:pk>/withdraw/", due.withdraw_extension, name="withdraw_extension"),
    path("extensions/<int:pk>/decide/", due.decide_extension, name="decide_extension"),
    # -- asks
    path("asks/", ask.asks, name="asks"),
    path("asks/<int:pk>/", ask.ask_page, name="ask_page"),
    path("recommendations/<int:pk>/ask/", ask.ask, name="ask"),
    path("asks/<int:pk>/answer/", ask.answer, name="answer"),
    path("asks/<int:pk>/pass-up/", ask.pass_up, name="pass_up"),
    path("asks/<int:pk>/withdraw/", ask.withdraw_ask, name="withdraw_ask"),
    # -- comments
    path("recommendations/<int:pk>/comment/", comment.comment, name="comment"),
    # -- lineage
    path("recommendations/<int:pk>/link-earlier/", lineage.link_earlier, name="link_earlier"),
    path("lineage/<int:pk>/confirm/", lineage.confirm_lineage, name="confirm_lineage"),
    path("lineage/<int:pk>/carry/", lineage.carry, name="carry"),
    path("recommendations/<int:pk>/let-go/", lineage.let_go, name="let_go"),
    # -- several at once
    #
]
