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
PLACES = ("HOME", "CLOSED", "MAINTENANCE", "OFFER", "HELP", "CONTACT", "LEGAL", "PRIVACY", "ACCESSIBILITY", "ENROLMENT")


def upgrade():
    op.add_column("campaign", sa.Column("activates_at", orm.UtcDateTime()))
    op.add_column("campaign", sa.Column("closed_at", orm.UtcDateTime()))
    # one statement for the column and its key: SQLite would otherwise rebuild the table, which its rows' own children forbid
    key = "CONSTRAINT fk_campaign_copied_from_id_campaign REFERENCES campaign (id)"
    op.execute(f"ALTER TABLE campaign ADD COLUMN copied_from_id INTEGER {key}")
    op.create_index(op.f("ix_campaign_copied_from_id"), "campaign", ["copied_from_id"])
    op.add_column("candidate", sa.Column("is_lifelong", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in ("required_piece", "required_form"):
        for name, (vocabulary, values) in AUDIENCE.items():
            words = ", ".join(f"'{value}'" for value in values)
            check = f"CONSTRAINT ck_{table}_{vocabulary} CHECK ({name} IN ({words}))"
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR(40) {check}")  # one statement: see above
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


def downgrade():
    op.drop_table("reminder_rule")
    op.drop_table("faq_entry")
    op.drop_table("public_text")
    for table in ("required_form", "required_piece"):
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
