from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Cast


def outputs_fill(apps, schema_editor):
    """What is known of an output by its document is known by the document's number."""
    outputs, documents = (apps.get_model("exchange", name) for name in ("JobOutput", "Document"))
    source = documents._base_manager.filter(id=OuterRef("document_id"))
    outputs._base_manager.update(
        item=Cast(Subquery(source.values("position")[:1]), models.CharField(max_length=100)),
        verdict=Subquery(source.values("verdict")[:1]),
        verdict_reason=Subquery(source.values("verdict_reason")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [
        ('exchange', '0007_lifecycle'),
    ]

    operations = [
        migrations.AddField('joboutput', 'item', models.CharField(max_length=100, default=''), preserve_default=False),
        migrations.AddField('joboutput', 'part', models.PositiveIntegerField(default=0)),
        migrations.AddField('joboutput', 'name_sealed', models.BinaryField(default=b'')),
        migrations.AddField('joboutput', 'verdict', models.CharField(
            max_length=16, default='pending', choices=[('pending', 'Pending'), ('clean', 'Clean'), ('infected', 'Infected'), ('not_scanned', 'Not Scanned')],
        )),
        migrations.AddField('joboutput', 'verdict_reason', models.CharField(max_length=32, default='')),
        migrations.RunPython(outputs_fill, migrations.RunPython.noop),
        migrations.RemoveConstraint('joboutput', 'exchange_output_once'),
        migrations.RemoveField('joboutput', 'document'),
        migrations.AddConstraint('joboutput', models.UniqueConstraint(
            fields=['job', 'variant', 'index', 'item', 'part'], name='exchange_output_once',
        )),
    ]
