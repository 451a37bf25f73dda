"""The whole product on one screen: every order and its handler, every fact and what it causes.

Reactions in `NOW` run in the transaction of the fact, in this order. Reactions in `LATER` are
rows, each retried on its own after the commit. Which facts other programs are told stands in
`public_facts.PUBLIC`.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from domain import account_commands as account_order
from domain import appointment_commands as drive
from domain import approval_commands as decision
from domain import calling_commands as calls
from domain import campaign_commands as campaign
from domain import card_commands as cards
from domain import commands as order
from domain import correction_commands as correction
from domain import events as fact
from domain import organisation_commands as house
from domain import people_commands as people_order
from domain import privacy_commands as privacy_order
from domain import segment_commands as segment
from domain import service_commands as service
from domain import voice_commands as voice
from domain import webhook_commands as hook
from handlers import (
    accounts,
    agreement,
    appointment_news,
    appointments,
    approval_news,
    approvals,
    calling,
    campaigns,
    coming_back,
    confirmations,
    consents,
    conversations,
    corrections,
    customers,
    defeats,
    deliveries,
    digests,
    dispatch,
    enrolling,
    faq,
    followers,
    followups,
    grading,
    handoff,
    handoff_clock,
    leads,
    links,
    organisation,
    people,
    policies,
    pool_check,
    pools,
    privacy,
    profiles,
    proof,
    pushes,
    remarketing,
    reviews,
    segments,
    sla,
    tellings,
    tickets,
    transfers,
    trials,
    voices,
    webhook_deliveries,
    webhooks,
    windows,
)
from handlers.tx import Tx

Handler = Callable[[Any, Tx], Awaitable[Any]]

COMMANDS: Mapping[type[order.Command], Handler] = {
    # capture
    order.IngestLead: leads.ingest_lead,
    order.MeetCustomer: customers.meet_customer,
    order.HearCustomer: conversations.hear_customer,
    order.SetConsent: consents.set_consent,
    # the adviser's work
    order.AcceptLead: dispatch.accept_lead,
    order.TransferLead: transfers.transfer_lead,
    order.ClaimLead: dispatch.claim_lead,
    order.LogFollowUp: followups.log_follow_up,
    order.UndoFollowUp: followups.undo_follow_up,
    correction.CorrectFollowUp: corrections.correct_follow_up,
    order.RequestDefeat: defeats.request_defeat,
    order.ReviewDefeat: defeats.review_defeat,
    decision.ReviewApproval: reviews.review_approval,
    order.ReopenLead: leads.reopen_lead,
    order.FocusLead: followups.focus_lead,
    order.SetDuty: organisation.set_duty,
    voice.KeepVoice: voices.keep_voice,
    # time and deliveries
    order.CheckClock: sla.check_clock,
    order.WriteDigests: digests.write_digests,
    order.ComparePools: pool_check.compare_pools,
    order.DrainDealerQueue: dispatch.drain_dealer_queue,
    order.RecordDelivery: deliveries.record_delivery,
    # conversations
    order.SaveSession: conversations.save_session,
    order.ForgetIdleTalks: conversations.forget_idle_talks,
    cards.ShowCard: pushes.show_card,
    cards.CardPressed: pushes.card_pressed,
    order.AlertOps: pushes.alert_ops,
    order.MergeNotices: deliveries.merge_notices,
    service.AskForPerson: handoff.ask_for_person,
    service.RelayToStaff: handoff.relay_to_staff,
    service.RelayToCustomer: handoff.relay_to_customer,
    service.EndHandoff: handoff.end_handoff,
    service.OpenTicket: tickets.open_ticket,
    service.AnswerTicket: tickets.answer_ticket,
    service.CloseWindows: windows.close_windows,
    service.NoteSubscription: conversations.note_subscription,
    service.SpendSubscription: windows.spend_subscription,
    service.TellSender: tellings.tell_sender,
    # test drives
    drive.HoldTestDrive: appointments.hold_test_drive,
    drive.GiveBackHold: appointments.give_back_hold,
    drive.BookTestDrive: appointments.book_test_drive,
    drive.MoveTestDrive: appointments.move_test_drive,
    drive.CancelTestDrive: appointments.cancel_test_drive,
    drive.KeepTestDrive: appointments.keep_test_drive,
    # other programs
    hook.PutWebhook: webhooks.put_webhook,
    hook.DeleteWebhook: webhooks.delete_webhook,
    hook.RotateWebhookSecret: webhooks.rotate_secret,
    hook.PingWebhook: webhooks.ping_webhook,
    hook.ReplayWebhook: webhooks.replay_webhook,
    hook.ResendDelivery: webhooks.resend_delivery,
    hook.RecordWebhookSent: webhook_deliveries.record_sent,
    hook.RecordWebhookFailure: webhook_deliveries.record_failure,
    hook.ReencryptWebhookSecrets: webhooks.reencrypt_secrets,
    # campaigns
    campaign.PutCampaign: campaigns.put_campaign,
    campaign.StartCampaign: campaigns.start_campaign,
    campaign.PauseCampaign: campaigns.pause_campaign,
    campaign.StopCampaign: campaigns.stop_campaign,
    campaign.RefillCampaigns: campaigns.refill_campaigns,
    campaign.MeasureCampaigns: campaigns.measure_campaigns,
    campaign.ArmTouches: remarketing.arm_touches,
    campaign.LetGoTouches: remarketing.let_go_touches,
    campaign.BeginTouch: remarketing.begin_touch,
    campaign.GiveBackTouch: remarketing.give_back_touch,
    campaign.HoldCampaign: remarketing.hold_campaign,
    campaign.RecordTouch: remarketing.record_touch,
    campaign.AddTrialRecipient: trials.add_recipient,
    campaign.RemoveTrialRecipient: trials.remove_recipient,
    campaign.SendTrial: trials.send_trial,
    campaign.BeginTrial: trials.begin_trial,
    campaign.RecordTrial: trials.record_trial,
    # calling again
    calls.PickCalls: calling.pick_calls,
    calls.RecordCall: calling.record_call,
    # organisation, rules, privacy
    service.ForgetFollower: followers.forget_follower,
    service.EraseFollower: followers.erase_follower,
    order.PutRegion: organisation.put_region,
    order.PutDealer: organisation.put_dealer,
    order.PutStaff: organisation.put_staff,
    order.PutModel: organisation.put_model,
    order.PutPolicy: policies.put_policy,
    segment.PutSegment: segments.put_segment,
    segment.DeleteSegment: segments.delete_segment,
    segment.DrawProfiles: profiles.draw_profiles,
    house.PutFaq: faq.put_faq,
    order.CreateApiKey: organisation.create_api_key,
    house.RevokeApiKey: organisation.revoke_api_key,
    account_order.OpenAccount: accounts.open_account,
    account_order.SetPassword: accounts.set_password,
    account_order.CloseAccount: accounts.close_account,
    account_order.BeginTotp: accounts.begin_totp,
    account_order.ConfirmTotp: accounts.confirm_totp,
    account_order.RemoveTotp: accounts.remove_totp,
    account_order.SpendCode: accounts.spend_code,
    account_order.EndSessions: accounts.end_sessions,
    account_order.ReencryptTotpSecrets: accounts.reencrypt_totp_secrets,
    people_order.MergeCustomers: people.merge_customers,
    people_order.UnmergeCustomers: people.unmerge_customers,
    people_order.WithdrawConsent: people.withdraw_consent,
    privacy_order.ReencryptPhones: privacy.reencrypt_phones,
    privacy_order.RevealPhone: privacy.reveal_phone,
    privacy_order.EraseCustomer: privacy.erase_customer,
}

NOW: Mapping[type[fact.Event], tuple[Handler, ...]] = {
    fact.LeadOpened: (
        grading.grade_opened,
        dispatch.dispatch_opened,
        pools.repool_lead,
        proof.note_intent,
    ),
    fact.LeadTouched: (
        grading.grade_touched,
        dispatch.dispatch_opened,
        pushes.tell_came_again,
        approvals.withdraw_contradicted,
        pools.repool_lead,
        proof.note_intent,
    ),
    fact.LeadGraded: (),
    fact.LeadAssigned: (sla.start_clocks, pushes.push_lead_card),
    fact.LeadAccepted: (sla.stop_acceptance_clock, pushes.push_follow_up_card),
    fact.AssignmentResumed: (pushes.push_again,),
    fact.AssignmentEnded: (
        sla.stop_clocks,
        pushes.close_cards,
        defeats.withdraw_defeat,
        approvals.withdraw,
    ),
    fact.FollowUpLogged: (
        grading.grade_followed_up,
        sla.set_clocks_by_contact,
        appointments.keep_by_follow_up,
        approvals.withdraw_contradicted,
        pools.repool_lead,
        proof.note_result,
    ),
    fact.AppointmentChanged: (
        appointment_news.tell_adviser,
        appointment_news.plan_reminders,
        proof.note_visit,
    ),
    fact.FollowUpUndone: (
        grading.grade_followed_up,
        sla.set_clocks_by_contact,
        approvals.withdraw_undone,
        confirmations.refresh_undone,
        pools.repool_lead,
        proof.forget_result,
    ),
    fact.LeadOverdue: (pushes.tell_overdue,),
    fact.LeadRecycled: (pushes.tell_recycled, dispatch.dispatch_recycled),
    fact.LevelLowered: (pushes.tell_lowered, pools.repool_lead),
    fact.DefeatRequested: (approval_news.ask_defeat, approvals.withdraw),
    fact.DefeatReviewed: (approval_news.tell_defeat_decision, sla.resume_clocks),
    fact.DefeatWithdrawn: (approval_news.refresh_defeat,),
    fact.ApprovalAsked: (approval_news.ask,),
    fact.ApprovalReviewed: (approval_news.tell_decision,),
    fact.ApprovalWithdrawn: (approval_news.refresh_approval,),
    fact.DefeatSampled: (pushes.ask_recall,),
    fact.LeadClosed: (
        dispatch.release_closed,
        defeats.withdraw_defeat,
        approvals.withdraw,
        grading.grade_closed,
        pools.repool_lead,
    ),
    fact.ConsentChanged: (
        agreement.consent_changed,
        pools.repool_customer,
        handoff_clock.end_on_opt_out,
        proof.hear_refusal,
    ),
    # what campaigns make of an act comes first: a touch that was answered is the reason
    fact.CustomerActed: (proof.hear_answer, links.notice_intent, conversations.touch_leads),
    fact.TouchAnswered: (coming_back.come_back_by_touch,),
    fact.IntentShown: (coming_back.come_back,),
    fact.HandedOver: (links.tell_both_sides,),
}

LATER: Mapping[type[fact.Event], tuple[Handler, ...]] = {
    fact.LeadClosed: (enrolling.join_by_occasion,),
    fact.AudienceOpened: (enrolling.join_by_segment,),
    fact.AssignmentEnded: (dispatch.drain_after_assignment,),
    fact.StaffCameOnDuty: (dispatch.drain_for_staff,),
    fact.StaffLeft: (dispatch.rehome_leads, handoff_clock.pass_on_leaver),
    fact.AppointmentNear: (appointment_news.remind,),
    fact.HandoffUnanswered: (handoff_clock.pass_on,),
    fact.HandoffIdle: (handoff_clock.end_idle,),
    fact.TicketLate: (tickets.take_further,),
    fact.WebhookReplayed: (webhooks.replay_batch,),
}
