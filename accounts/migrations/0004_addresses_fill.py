from django.db import migrations


def addresses_fill(apps, schema_editor):
    """People from before there was one space of addresses get theirs."""
    from accounts.sealed import tenant_owner
    from vault.services import secret_unwrap, secret_wrap

    users, addresses = apps.get_model("accounts", "User")._base_manager, apps.get_model("accounts", "Address")
    for user in users.exclude(state="removed").iterator():
        owner = tenant_owner(user.tenant_id)
        row = addresses(tenant_id=user.tenant_id, index=bytes(user.login_index), kind="person", target=user.id)
        for field, column in (("address", "login"), ("name", "name")):
            wrapped = getattr(user, f"{column}_sealed")
            text = secret_unwrap(owner=owner, purpose=f"user.{column}", row=str(user.id), wrapped=wrapped)
            sealed = secret_wrap(owner=owner, purpose=f"address.{field}", row=str(row.id), secret=text)
            setattr(row, f"{field}_sealed", sealed)
        addresses._base_manager.bulk_create([row])


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0003_organisations'),
        ('vault', '0001_initial'),
    ]

    operations = [migrations.RunPython(addresses_fill, migrations.RunPython.noop)]
