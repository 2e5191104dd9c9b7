"""Configure without code: campaigns that follow each other, conditions on the profile, texts, questions and reminders.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from app import orm

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVENTS = ("NOT_TRANSMITTED", "PIECE_MISSING", "FORM_UNANSWERED", "OFFER_UNANSWERED")
AUDIENCE = {
    "nationality": ("nationalitygroup", ("FRENCH", "FOREIGN", "EUROPEAN", "DISTANT")),
    "studies": ("studiesgroup", ("BACCALAUREAT", "EQUIVALENT", "HIGHER")),
    "situation": ("statusgroup", ("OWN_STUDENT", "OUTSIDER", "LIFELONG", "MINOR")),
}
KINDS = ("TEXT", "LONG_TEXT", "NUMBER", "DATE", "CHOICE", "YES_NO")
NEW_KINDS = ("MULTIPLE", "FILE", "SECTION")
PLACES = ("HOME", "CLOSED", "MAINTENANCE", "OFFER", "HELP", "CONTACT", "LEGAL", "PRIVACY", "ACCESSIBILITY", "ENROLMENT")


def upgrade():
    op.add_column("campaign", sa.Column("activates_at", orm.UtcDateTime()))
    op.add_column("campaign", sa.Column("closed_at", orm.UtcDateTime()))
    # one statement for the column and its key: SQLite would otherwise rebuild the table, which its rows' own children forbid
    key = "CONSTRAINT fk_campaign_copied_from_id_campaign REFERENCES campaign (id)"
    op.execute(f"ALTER TABLE campaign ADD COLUMN copied_from_id INTEGER {key}")
    op.create_index(op.f("ix_campaign_copied_from_id"), "campaign", ["copied_from_id"])
    op.add_column("candidate", sa.Column("is_lifelong", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in ("required_piece", "required_form", "form_field"):
        for name, (vocabulary, values) in AUDIENCE.items():
            words = ", ".join(f"'{value}'" for value in values)
            check = f"CONSTRAINT ck_{table}_{vocabulary} CHECK ({name} IN ({words}))"
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR(40) {check}")  # one statement: see above
    allow_kinds(KINDS, KINDS + NEW_KINDS)
    op.add_column("form", sa.Column("survey_number", sa.Integer()))
    op.add_column("form_version", sa.Column("is_draft", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("form_field", sa.Column("condition_key", sa.String(50)))
    op.add_column("form_field", sa.Column("condition_value", sa.String(50)))
    op.add_column("form_answer", sa.Column("value_choices", sa.JSON(none_as_null=True)))
    for table, column, target in (("form_field", "piece_type_id", "piece_type"), ("form_answer", "file_version_id", "file_version")):
        key = f"CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {key}")
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_table(
        "configuration_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user_account.id"], name=op.f("fk_configuration_version_created_by_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_version")),
    )
    op.create_index(op.f("ix_configuration_version_created_at"), "configuration_version", ["created_at"])
    op.create_index(op.f("ix_configuration_version_created_by_id"), "configuration_version", ["created_by_id"])
    op.create_table(
        "public_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Enum(*PLACES, name="textplace", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("body", orm.Translated(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_text")),
        sa.UniqueConstraint("place", name=op.f("uq_public_text_place")),
    )
    op.create_table(
        "faq_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(50), nullable=False),
        sa.Column("question", orm.Translated(), nullable=False),
        sa.Column("answer", orm.Translated(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_faq_entry_code")),
    )
    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(50), nullable=False),
        sa.Column("event", sa.Enum(*EVENTS, name="reminderevent", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("mail_template_id", sa.Integer(), nullable=True),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("days BETWEEN 0 AND 90", name=op.f("ck_reminder_rule_days")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_reminder_rule_centre_id_centre")),
        sa.ForeignKeyConstraint(["mail_template_id"], ["mail_template.id"], name=op.f("fk_reminder_rule_mail_template_id_mail_template")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_reminder_rule_code")),
    )
    op.create_index(op.f("ix_reminder_rule_centre_id"), "reminder_rule", ["centre_id"])
    op.create_index(op.f("ix_reminder_rule_mail_template_id"), "reminder_rule", ["mail_template_id"])


def allow_kinds(before, after):
    """Change the kinds of question that the database takes; SQLite keeps a CHECK as text, which its own documentation says how to edit."""
    if op.get_bind().dialect.name == "sqlite":
        old, new = (", ".join(f"'{kind}'" for kind in kinds) for kinds in (before, after))
        version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
        op.execute("PRAGMA writable_schema = ON")
        op.execute(f"UPDATE sqlite_schema SET sql = replace(sql, {quoted(old)}, {quoted(new)}) WHERE name = 'form_field' AND type = 'table'")
        op.execute(f"PRAGMA schema_version = {version + 1}")
        op.execute("PRAGMA writable_schema = OFF")
    else:
        op.drop_constraint(op.f("ck_form_field_fieldkind"), "form_field", type_="check")
        op.create_check_constraint(op.f("ck_form_field_fieldkind"), "form_field", sa.column("kind").in_(after))


def quoted(text):
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def downgrade():
    op.drop_table("reminder_rule")
    op.drop_table("faq_entry")
    op.drop_table("public_text")
    op.drop_table("configuration_version")
    for table, names in (("form_answer", ("file_version_id", "value_choices")), ("form_field", ("piece_type_id", "condition_value", "condition_key"))):
        op.drop_index(op.f(f"ix_{table}_{names[0]}"), table)
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_{names[0]}_{'file_version' if table == 'form_answer' else 'piece_type'}"), type_="foreignkey")
            for name in names:
                batch.drop_column(name)
    op.drop_column("form_version", "is_draft")
    op.drop_column("form", "survey_number")
    allow_kinds(KINDS + NEW_KINDS, KINDS)
    for table in ("form_field", "required_form", "required_piece"):
        with op.batch_alter_table(table) as batch:
            for name, (vocabulary, _values) in AUDIENCE.items():
                batch.drop_constraint(op.f(f"ck_{table}_{vocabulary}"), type_="check")
                batch.drop_column(name)
    op.drop_column("candidate", "is_lifelong")
    op.drop_index(op.f("ix_campaign_copied_from_id"), "campaign")
    with op.batch_alter_table("campaign") as batch:
        batch.drop_constraint(op.f("fk_campaign_copied_from_id_campaign"), type_="foreignkey")
        for name in ("copied_from_id", "closed_at", "activates_at"):
            batch.drop_column(name)
