from django.db import migrations


def members_fill(apps, schema_editor):
    """The owner of a personal mailbox is a member of it like any other."""
    mailboxes, members = (apps.get_model("exchange", name) for name in ("Mailbox", "MailboxMember"))
    for mailbox in mailboxes._base_manager.exclude(user=None).iterator():
        row = members(tenant_id=mailbox.tenant_id, mailbox=mailbox, user_id=mailbox.user_id, role="admin")
        members._base_manager.bulk_create([row])


class Migration(migrations.Migration):
    dependencies = [
        ('exchange', '0004_mailboxes'),
    ]

    operations = [migrations.RunPython(members_fill, migrations.RunPython.noop)]
