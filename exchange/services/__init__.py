"""Everything that the portal and the workers may ask of the exchange."""

from exchange.services.archive import inbox_archive, outbox_archive
from exchange.services.contacts import contacts_search
from exchange.services.enrolment import enrolment_complete
from exchange.services.expiry import deliveries_expire
from exchange.services.expiry_warning import expiries_warn
from exchange.services.extend import message_extend
from exchange.services.hold import hold_lift, hold_place
from exchange.services.inbox import inbox_list, inbox_show
from exchange.services.job_control import job_cancel, job_retry, jobs_sweep
from exchange.services.job_deliver import waiting_deliver
from exchange.services.job_run import job_run
from exchange.services.limits import limits_show, me_show
from exchange.services.message_send import message_send
from exchange.services.orphans import orphans_erase
from exchange.services.outbox import outbox_list, outbox_show
from exchange.services.policy import policy_change, policy_show
from exchange.services.recall import message_recall
from exchange.services.recipients import recipients_check
from exchange.services.recipients_add import recipients_add
from exchange.services.remind import message_remind
from exchange.services.retention import retention_erase
from exchange.services.tenant_end import tenants_end
from exchange.services.transfer import ContentAnswer, transfer_content, transfer_create, transfer_received
from exchange.services.upload import upload_complete, upload_create, upload_discard, upload_show, uploads_expire
from exchange.services.upload_part import upload_part_store
from exchange.services.usage import usage_show

__all__ = [
    "ContentAnswer",
    "contacts_search",
    "deliveries_expire",
    "enrolment_complete",
    "expiries_warn",
    "hold_lift",
    "hold_place",
    "inbox_archive",
    "inbox_list",
    "inbox_show",
    "job_cancel",
    "job_retry",
    "job_run",
    "jobs_sweep",
    "limits_show",
    "me_show",
    "message_extend",
    "message_recall",
    "message_remind",
    "message_send",
    "orphans_erase",
    "outbox_archive",
    "outbox_list",
    "outbox_show",
    "policy_change",
    "policy_show",
    "recipients_add",
    "recipients_check",
    "retention_erase",
    "tenants_end",
    "transfer_content",
    "transfer_create",
    "transfer_received",
    "upload_complete",
    "upload_create",
    "upload_discard",
    "upload_part_store",
    "upload_show",
    "uploads_expire",
    "usage_show",
    "waiting_deliver",
]
