"""Who gets what at every address of the portal: one line a method and route, one letter a person.

The letters of a line stand for eleven people, in this order:

    Aster, whose things these are    owner (made them), teammate (a member), admin, auditor
    Birch, connected to Aster        reader (a member, to whom the owner sent the message), chief (its admin)
    Cedar, connected to nobody       stranger (its admin)
    outside                          guest (an account without an organisation), depositor (a file request's passphrase)
    unsigned                         operator (with the cookie of both factors, sent everywhere), nobody

    2   they get what they asked for: 2xx
    C   it is theirs, and a rule about its state stands in the way: 409
    F   not for their role: 403 role_forbidden, in the same bytes whatever was asked for
    N   404, in the very bytes that an id which never was gets; for an id in the body the refusal is the body's
    U   401 signature_missing, in the same bytes whatever was asked for
    S   the static shell, the same for everybody: nothing of any user

What follows the letters are ids, by their names in the world's `places` (tests/portal/matrix_world.py): those of the
path in its order, and one that stands in the query, as <its place>, or in the body. A route may stand here more than
once, with things of other people. What is sent along is in tests/portal/matrix_bodies.py.
"""

from dataclasses import dataclass

PERSONAS = (
    "owner", "teammate", "admin", "auditor", "reader", "chief", "stranger", "guest", "depositor", "operator", "nobody",
)  # fmt: skip
MATRIX = """
GET    health                                                            2222 22 2 22 22
POST   api/v1/handshake/start                                            2222 22 2 22 22
POST   api/v1/handshake/finish                                           2222 22 2 22 22
GET    api/v1/enrolment/key                                              2222 22 2 22 22
POST   api/v1/enrolment/view                                             2222 22 2 22 22
POST   api/v1/enrolment                                                  2222 22 2 22 22

GET    api/v1/me                                                         2222 22 2 22 UU
PATCH  api/v1/me                                                         2222 22 2 2F UU
POST   api/v1/password                                                   2222 22 2 2F UU
GET    api/v1/sessions                                                   2222 22 2 2F UU
DELETE api/v1/sessions/<uuid:session_id>                                 2NNN NN N NN UU  session
GET    api/v1/notifications                                              2222 22 2 2F UU
PUT    api/v1/notifications                                              2222 22 2 2F UU
GET    api/v1/second-factor                                              2222 22 2 2F UU
POST   api/v1/second-factor                                              2222 22 2 2F UU
POST   api/v1/second-factor/confirm                                      2222 22 2 2F UU
POST   api/v1/second-factor/check                                        2222 22 2 2F UU
POST   api/v1/second-factor/remove                                       2222 22 2 2F UU
POST   api/v1/second-factor/challenge                                    2222 22 2 2F UU
GET    api/v1/second-factor/keys                                         2222 22 2 2F UU
POST   api/v1/second-factor/keys                                         2222 22 2 2F UU
POST   api/v1/second-factor/keys/confirm                                 2222 22 2 2F UU
PATCH  api/v1/second-factor/keys/<uuid:key_id>                           2NNN NN N NF UU  security_key
POST   api/v1/second-factor/keys/<uuid:key_id>/remove                    2NNN NN N NF UU  security_key
POST   api/v1/address                                                    FFFF FF F 2F UU

GET    api/v1/usage                                                      FF2F F2 2 FF UU
GET    api/v1/contacts                                                   222F 22 2 FF UU
GET    api/v1/connections                                                FF2F F2 2 FF UU
DELETE api/v1/connections/<uuid:connection_id>                           FF2F FN N FF UU  connection
POST   api/v1/connections/<uuid:connection_id>/suspend                   FF2F FN N FF UU  connection
POST   api/v1/connections/<uuid:connection_id>/resume                    FF2F FN N FF UU  suspended
PUT    api/v1/connections/<uuid:connection_id>/terms                     FF2F FN N FF UU  connection
POST   api/v1/proposals                                                  FF2F F2 2 FF UU
POST   api/v1/proposals/<uuid:proposal_id>                               FF2F FN N FF UU  proposed
DELETE api/v1/proposals/<uuid:proposal_id>                               FF2F FN N FF UU  proposal
GET    api/v1/policy                                                     FF2F F2 2 FF UU
PUT    api/v1/policy                                                     FF2F F2 2 FF UU

GET    api/v1/team                                                       FF2F F2 2 FF UU
POST   api/v1/team/invitations                                           FF2F F2 2 FF UU
POST   api/v1/team/issued                                                FF2F F2 2 FF UU
POST   api/v1/team/leave                                                 2222 2C C FF UU
GET    api/v1/team/<uuid:user_id>                                        FF2F FN N FF UU  person
POST   api/v1/team/<uuid:user_id>/invitation                             FF2F FN N FF UU  invited
DELETE api/v1/team/<uuid:user_id>/invitation                             FF2F FN N FF UU  invited
POST   api/v1/team/<uuid:user_id>/role                                   FF2F FN N FF UU  person
POST   api/v1/team/<uuid:user_id>/sign-out                               FF2F FN N FF UU  person
POST   api/v1/team/<uuid:user_id>/reissue                                FF2F FN N FF UU  person
POST   api/v1/team/<uuid:user_id>/reissue/approve                        FF2F FN N FF UU  locked_out
POST   api/v1/team/<uuid:user_id>/reissue/decline                        FF2F FN N FF UU  locked_out
POST   api/v1/team/<uuid:user_id>/remove                                 FF2F FN N FF UU  person

POST   api/v1/uploads                                                    222F 22 2 F2 UU
GET    api/v1/uploads/<uuid:upload_id>                                   2NNF NN N FN UU  open_upload
DELETE api/v1/uploads/<uuid:upload_id>                                   2NNF NN N FN UU  open_upload
PUT    api/v1/uploads/<uuid:upload_id>/parts/<int:number>                2NNF NN N FN UU  whole_upload
POST   api/v1/uploads/<uuid:upload_id>/complete                          2NNF NN N FN UU  whole_upload
GET    api/v1/uploads/<uuid:upload_id>                                   NNNF NN N F2 UU  deposited_upload

POST   api/v1/recipients                                                 222F 22 2 FF UU
POST   api/v1/messages                                                   222F 22 2 FF UU
POST   api/v1/messages                                                   2NNF NN N FF UU  ready_upload
POST   api/v1/messages                                                   222F NN N FF UU  pipeline
GET    api/v1/inbox                                                      222F 22 2 2F UU
GET    api/v1/inbox?mailbox=<mailbox>                                    NN2F NN N NF UU  mailbox
GET    api/v1/inbox/<uuid:message_id>                                    NNNF 2N N NF UU  message
GET    api/v1/inbox/<uuid:message_id>                                    NNNF NN N 2F UU  guest_message
GET    api/v1/inbox/<uuid:message_id>                                    NN2F NN N NF UU  shared_message
GET    api/v1/inbox/<uuid:message_id>?mailbox=<mailbox>                  NN2F NN N NF UU  shared_message
POST   api/v1/inbox/<uuid:message_id>/archive                            NNNF 2N N NF UU  message
POST   api/v1/inbox/<uuid:message_id>/archive                            NNNF NN N 2F UU  guest_message
POST   api/v1/inbox/<uuid:message_id>/archive?mailbox=<mailbox>          NN2F NN N NF UU  shared_message
POST   api/v1/inbox/<uuid:message_id>/unarchive                          NNNF 2N N NF UU  message
POST   api/v1/inbox/<uuid:message_id>/unarchive?mailbox=<mailbox>        NN2F NN N NF UU  shared_message
GET    api/v1/outbox                                                     222F 22 2 FF UU
GET    api/v1/outbox/<uuid:message_id>                                   2NNF NN N FF UU  message
POST   api/v1/outbox/<uuid:message_id>/retry                             2NNF NN N FF UU  held_message
POST   api/v1/outbox/<uuid:message_id>/cancel                            2NNF NN N FF UU  held_message
POST   api/v1/outbox/<uuid:message_id>/invitations                       2NNF NN N FF UU  waiting_message
DELETE api/v1/outbox/<uuid:message_id>/invitations                       2NNF NN N FF UU  waiting_message
POST   api/v1/outbox/<uuid:message_id>/extend                            2NNF NN N FF UU  message
POST   api/v1/outbox/<uuid:message_id>/recall                            2NNF NN N FF UU  message
POST   api/v1/outbox/<uuid:message_id>/remind                            2NNF NN N FF UU  waiting_message
POST   api/v1/outbox/<uuid:message_id>/recipients                        2NNF NN N FF UU  message
POST   api/v1/outbox/<uuid:message_id>/archive                           2NNF NN N FF UU  message
POST   api/v1/outbox/<uuid:message_id>/unarchive                         2NNF NN N FF UU  message
POST   api/v1/documents/<uuid:document_id>/transfers                     NNNF 2N N NF UU  received
POST   api/v1/documents/<uuid:document_id>/transfers                     2NNF NN N NF UU  document
POST   api/v1/documents/<uuid:document_id>/transfers                     NNNF NN N 2F UU  guest_document
GET    api/v1/transfers/<uuid:transfer_id>/content                       NNNF 2N N NF UU  transfer
GET    api/v1/transfers/<uuid:transfer_id>/content                       2NNF NN N NF UU  sent_transfer
POST   api/v1/transfers/<uuid:transfer_id>/received                      NNNF 2N N NF UU  transfer

GET    api/v1/steps                                                      222F 22 2 FF UU
POST   api/v1/runs                                                       2NNF NN N FF UU  document
POST   api/v1/runs                                                       NNNF 2N N FF UU  received
GET    api/v1/jobs                                                       222F 22 2 FF UU
GET    api/v1/jobs/<uuid:job_id>                                         2NNF NN N FF UU  message
POST   api/v1/jobs/<uuid:job_id>/retry                                   2NNF NN N FF UU  held_message
POST   api/v1/jobs/<uuid:job_id>/cancel                                  2NNF NN N FF UU  held_message
GET    api/v1/pipelines                                                  222F 22 2 FF UU
POST   api/v1/pipelines                                                  FF2F F2 2 FF UU
GET    api/v1/pipelines/<uuid:pipeline_id>                               222F NN N FF UU  pipeline
PATCH  api/v1/pipelines/<uuid:pipeline_id>                               FF2F FN N FF UU  pipeline
DELETE api/v1/pipelines/<uuid:pipeline_id>                               FF2F FN N FF UU  pipeline

GET    api/v1/requests                                                   222F 22 2 FF UU
POST   api/v1/requests                                                   222F 22 2 FF UU
POST   api/v1/requests                                                   NN2F NN N FF UU  mailbox
GET    api/v1/requests/<uuid:request_id>                                 2NNF NN N FF UU  request
POST   api/v1/requests/<uuid:request_id>/extend                          2NNF NN N FF UU  request
POST   api/v1/requests/<uuid:request_id>/close                           2NNF NN N FF UU  request
POST   api/v1/requests/<uuid:request_id>/deposits/<uuid:deposit_id>/retry 2NNF NN N FF UU  asked held_deposit
GET    api/v1/request                                                    FFFF FF F F2 UU
POST   api/v1/request/deposits                                           FFFF FF F F2 UU
POST   api/v1/request/deposits                                           FFFF FF F FN UU  ready_upload
GET    api/v1/request/deposits/<uuid:deposit_id>                         FFFF FF F F2 UU  deposit
GET    api/v1/request/deposits/<uuid:deposit_id>                         FFFF FF F FN UU  other_deposit
POST   api/v1/guests                                                     222F 22 2 FF UU
GET    api/v1/holds                                                      FF2F F2 2 FF UU
POST   api/v1/holds                                                      FF2F F2 N FF UU  message
POST   api/v1/holds                                                      FF2F FN N FF UU  locked_out
POST   api/v1/holds/<uuid:hold_id>/lift                                  FF2F FN N FF UU  hold

GET    api/v1/mailboxes                                                  222F 22 2 2F UU
GET    api/v1/mailboxes?all=true                                         FF2F F2 2 FF UU
POST   api/v1/mailboxes                                                  FF2F F2 2 FF UU
GET    api/v1/mailboxes/<uuid:mailbox_id>                                NN2F NN N FF UU  mailbox
PATCH  api/v1/mailboxes/<uuid:mailbox_id>                                FF2F FN N FF UU  mailbox
POST   api/v1/mailboxes/<uuid:mailbox_id>/members                        NN2F NN N FF UU  mailbox
PATCH  api/v1/mailboxes/<uuid:mailbox_id>/members/<uuid:user_id>         NN2F NN N FF UU  mailbox clerk
DELETE api/v1/mailboxes/<uuid:mailbox_id>/members/<uuid:user_id>         NN2F NN N FF UU  mailbox clerk
GET    api/v1/groups                                                     FF2F F2 2 FF UU
POST   api/v1/groups                                                     FF2F F2 2 FF UU
GET    api/v1/groups/<uuid:group_id>                                     FF2F FN N FF UU  group
PATCH  api/v1/groups/<uuid:group_id>                                     FF2F FN N FF UU  group
DELETE api/v1/groups/<uuid:group_id>                                     FF2F FN N FF UU  group
POST   api/v1/groups/<uuid:group_id>/members                             FF2F FN N FF UU  group
DELETE api/v1/groups/<uuid:group_id>/members/<uuid:user_id>              FF2F FN N FF UU  group clerk
GET    api/v1/audit                                                      FF22 F2 2 FF UU
GET    api/v1/audit/checkpoints                                          FF22 F2 2 FF UU
GET    api/v1/audit/export                                               FF22 F2 2 FF UU

GET    /                                                                 SSSS SS S SS SS
GET    signin                                                            SSSS SS S SS SS
GET    password                                                          SSSS SS S SS SS
GET    second-factor                                                     SSSS SS S SS SS
GET    enrol                                                             SSSS SS S SS SS
GET    account                                                           2222 22 2 2F SS
GET    notifications                                                     2222 22 2 2F SS
GET    sessions                                                          2222 22 2 2F SS
GET    inbox                                                             222F 22 2 2F SS
GET    inbox?mailbox=<mailbox>                                           NN2F NN N NF SS  mailbox
GET    inbox/<uuid:message_id>                                           NNNF 2N N NF SS  message
GET    inbox/<uuid:message_id>                                           NNNF NN N 2F SS  guest_message
GET    inbox/<uuid:message_id>?mailbox=<mailbox>                         NN2F NN N NF SS  shared_message
GET    outbox                                                            222F 22 2 FF SS
GET    outbox/<uuid:message_id>                                          2NNF NN N FF SS  message
GET    compose                                                           222F 22 2 FF SS
GET    requests                                                          222F 22 2 FF SS
GET    requests/<uuid:request_id>                                        2NNF NN N FF SS  request
GET    request                                                           FFFF FF F F2 SS
GET    mailboxes                                                         222F 22 2 FF SS
GET    mailboxes/<uuid:mailbox_id>                                       NN2F NN N FF SS  mailbox
GET    groups                                                            FF2F F2 2 FF SS
GET    groups/<uuid:group_id>                                            FF2F FN N FF SS  group
GET    partners                                                          FF2F F2 2 FF SS
GET    policy                                                            FF2F F2 2 FF SS
GET    team                                                              FF2F F2 2 FF SS
GET    team/<uuid:user_id>                                               FF2F FN N FF SS  person
GET    holds                                                             FF2F F2 2 FF SS
GET    usage                                                             FF2F F2 2 FF SS
GET    audit                                                             FF22 F2 2 FF SS
"""

# What an operator who has passed both factors gets by GET, and what fills the route; everybody else is sent to sign in.
OPERATORS = """
admin/                                                   200
admin/accounts/auditevent/                               200
admin/accounts/auditevent/<uuid:object_id>/              200  event
admin/accounts/auditevent/filter/                       405
admin/accounts/auditevent/export/                        302
admin/accounts/connection/                               200
admin/accounts/connection/<uuid:object_id>/              200  connection
admin/accounts/notification/                             200
admin/accounts/notification/<uuid:object_id>/            200  mail
admin/accounts/notification/<uuid:object_id>/<slug:move>/  404  mail none
admin/accounts/tenant/                                   200
admin/accounts/tenant/<uuid:object_id>/                  200  tenant
admin/accounts/tenant/<uuid:object_id>/<slug:move>/      200  tenant suspend
admin/accounts/user/                                     200
admin/accounts/user/<uuid:object_id>/                    200  person
admin/accounts/user/<uuid:object_id>/<slug:move>/        200  person sign-out
admin/exchange/delivery/                                 200
admin/exchange/delivery/<uuid:object_id>/                200  delivery
admin/exchange/job/                                      200
admin/exchange/job/<uuid:object_id>/                     200  held_job
admin/exchange/job/<uuid:object_id>/<slug:move>/         200  held_job retry
admin/exchange/switch/                                   200
admin/exchange/switch/<str:name>/<slug:way>/             200  jobs off
admin/exchange/upload/                                   200
admin/exchange/upload/<uuid:object_id>/                  200  open_upload
admin/jsi18n/                                            200
admin/password_change/                                   200
admin/password_change/done/                              200
admin/rules/                                             200
admin/rules/policy/                                      200
admin/rules/policy/<uuid:tenant_id>/                     200  tenant
admin/rules/policy/<uuid:tenant_id>/change/              200  tenant
admin/rules/quotas/                                      200
admin/rules/quotas/<uuid:tenant_id>/                     200  tenant
admin/vault/keyring/                                     200
admin/vault/keyring/<uuid:object_id>/                    200  ring
admin/vault/storedobject/                                200
admin/vault/storedobject/count/                          405
admin/vault/storedobject/sweep/                          200
admin/(?P<url>.*)$                                       404
"""
# What everybody may ask for, to sign in and out.
SIGN_IN = {"admin/login/", "admin/logout/"}


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    method: str
    route: str
    query: str
    letters: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def title(self) -> str:
        return " ".join([f"{self.name}{self.query}", *self.names])


def _line(text: str) -> Line:
    method, address, rest = text.split(maxsplit=2)
    route, mark, query = address.partition("?")
    letters, _, names = rest.partition("  ")
    return Line(method, route.removeprefix("/"), mark + query, letters.replace(" ", ""), tuple(names.split()))


LINES = [_line(text) for text in MATRIX.splitlines() if text]
# By route, the operator's status and what fills the route.
PAGES = {route: (int(status), names) for route, status, *names in map(str.split, OPERATORS.strip().splitlines())}
