"""Routes of the API, version 1."""

from django.urls import path

from portal.api import account, downloads, messages, notifications, policy, second_factor, sign_in, uploads

urlpatterns = [
    path("handshake/start", sign_in.HandshakeStartView.as_view()),
    path("handshake/finish", sign_in.HandshakeFinishView.as_view()),
    path("enrolment/key", sign_in.EnrolmentKeyView.as_view()),
    path("enrolment/view", sign_in.EnrolmentShowView.as_view()),
    path("enrolment", sign_in.EnrolmentFinishView.as_view()),
    path("me", account.MeView.as_view()),
    path("password", account.PasswordView.as_view()),
    path("sessions", account.SessionsView.as_view()),
    path("sessions/<uuid:session_id>", account.SessionView.as_view()),
    path("notifications", notifications.NotificationsView.as_view()),
    path("second-factor", second_factor.SecondFactorView.as_view()),
    path("second-factor/confirm", second_factor.SecondFactorConfirmView.as_view()),
    path("second-factor/check", second_factor.SecondFactorCheckView.as_view()),
    path("second-factor/remove", second_factor.SecondFactorRemoveView.as_view()),
    path("policy", policy.PolicyView.as_view()),
    path("uploads", uploads.UploadsView.as_view()),
    path("uploads/<uuid:upload_id>", uploads.UploadView.as_view()),
    path("uploads/<uuid:upload_id>/parts/<int:number>", uploads.UploadPartView.as_view()),
    path("uploads/<uuid:upload_id>/complete", uploads.UploadCompleteView.as_view()),
    path("recipients", messages.RecipientsView.as_view()),
    path("messages", messages.MessagesView.as_view()),
    path("inbox", messages.InboxView.as_view()),
    path("inbox/<uuid:message_id>", messages.InboxMessageView.as_view()),
    path("outbox", messages.OutboxView.as_view()),
    path("outbox/<uuid:message_id>", messages.OutboxMessageView.as_view()),
    path("outbox/<uuid:message_id>/retry", messages.OutboxRetryView.as_view()),
    path("outbox/<uuid:message_id>/cancel", messages.OutboxCancelView.as_view()),
    path("documents/<uuid:document_id>/transfers", downloads.DocumentTransfersView.as_view()),
    path("transfers/<uuid:transfer_id>/content", downloads.TransferContentView.as_view()),
    path("transfers/<uuid:transfer_id>/received", downloads.TransferReceivedView.as_view()),
]
