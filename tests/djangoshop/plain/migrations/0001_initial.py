"""The table of orders."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The first one."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("session", models.CharField(max_length=40)),
                ("email", models.EmailField(max_length=254)),
                ("quantity", models.PositiveIntegerField()),
                ("item", models.CharField(max_length=100)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("is_async", models.BooleanField(default=False)),
            ],
        ),
    ]
