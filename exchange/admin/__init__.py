"""Pages for operators about the exchange, and about the log; the portal registers them on its one site."""

from accounts.models import AuditEvent
from exchange.admin.audit import AuditPage
from exchange.admin.contents import DeliveryPage, UploadPage
from exchange.admin.jobs import JobPage
from exchange.admin.switches import SwitchPage
from exchange.models import Delivery, Job, Switch, Upload

PAGES = {Job: JobPage, Delivery: DeliveryPage, Upload: UploadPage, Switch: SwitchPage, AuditEvent: AuditPage}
