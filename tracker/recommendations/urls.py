from django.urls import path

from tracker.recommendations.action import views as action
from tracker.recommendations.ask import views as ask
from tracker.recommendations.autosave import views as autosave
from tracker.recommendations.bulk import views as bulk
from tracker.recommendations.change import views as change
from tracker.recommendations.close import views as close
from tracker.recommendations.comment import views as comment
from tracker.recommendations.decision import views as decision
from tracker.recommendations.due import views as due
from tracker.recommendations.embargo import views as embargo
from tracker.recommendations.evidence import views as evidence
from tracker.recommendations.lineage import views as lineage
from tracker.recommendations.measure import views as measure
from tracker.recommendations.page import views as page
from tracker.recommendations.plan import views as plan
from tracker.recommendations.response import views as response
from tracker.recommendations.update import views as update

app_name = "recommendations"
urlpatterns = [
    path("inspections/", page.inspections, name="inspections"),
    path("inspections/<int:pk>/", page.inspection, name="inspection"),
    # -- embargoes
    path("inspections/embargoes/", embargo.embargoes, name="embargoes"),
    path("inspections/<int:pk>/embargo/", embargo.embargo, name="embargo"),
    path("inspections/<int:pk>/embargo/set/", embargo.set_embargo, name="set_embargo"),
    path("inspections/<int:pk>/embargo/name/", embargo.name_person, name="name_person"),
    path("inspections/<int:pk>/embargo/unname/<int:person>/", embargo.unname_person, name="unname_person"),
    # --
    path("recommendations/", page.recommendations, name="list"),
    path("recommendations/bulk/", bulk.bulk, name="bulk"),
    path("recommendations/people/", change.people, name="people"),
    path("recommendations/<int:pk>/", page.detail, name="detail"),
    path("recommendations/<int:pk>/row/", change.row, name="row"),
    path("recommendations/<int:pk>/change/", change.change, name="change"),
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
    path("actions/<int:pk>/done/", action.mark_done, name="mark_done"),
    path("actions/<int:pk>/not-yet/", action.mark_not_done, name="mark_not_done"),
    path("actions/<int:pk>/stuck/", action.mark_blocked, name="mark_blocked"),
    path("actions/<int:pk>/open/", action.open_action, name="open_action"),
    #
    # -- updates and what is not sent yet
    path("recommendations/<int:pk>/report/", update.report, name="report"),
    path("unsent/<str:place>/", autosave.save_unsent, name="save_unsent"),
    path("unsent/<str:place>/discard/", autosave.discard_unsent, name="discard_unsent"),
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
    path("recommendations/<int:pk>/check/", decision.check, name="check"),
    path("recommendations/<int:pk>/submit/", decision.submit, name="submit"),
    path("recommendations/<int:pk>/withdraw/", decision.withdraw, name="withdraw"),
    path("recommendations/<int:pk>/return/", decision.return_, name="return"),
    path("recommendations/<int:pk>/sign-off/", decision.sign_off, name="sign_off"),
    path("recommendations/<int:pk>/sustain/", decision.sustain, name="sustain"),
    path("recommendations/<int:pk>/reopen/", decision.reopen, name="reopen"),
    path("recommendations/<int:pk>/close/", close.close, name="close"),
    path("recommendations/<int:pk>/correct-text/", close.correct_text, name="correct_text"),
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
    path("recommendations/<int:pk>/let-go/", lineage.unlink_successor, name="unlink_successor"),
    # -- several at once
    #
]
