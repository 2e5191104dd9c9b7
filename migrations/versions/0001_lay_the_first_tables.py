"""Lay the first tables."""

import sqlalchemy as sa
from alembic import op

from app import orm

revision = "0001"
down_revision = None


def upgrade():
    # candidature and decision name each other: PostgreSQL takes the second key once both tables exist
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # trusted: the owner of the database may
    op.create_table(
        "bac_mention",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("label", orm.Translated(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bac_mention")),
    )
    op.create_table(
        "bac_series",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("label", orm.Translated(), nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=True),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("is_baccalaureat", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bac_series")),
    )
    op.create_table(
        "batch_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("started_at", orm.UtcDateTime(), nullable=False),
        sa.Column("ended_at", orm.UtcDateTime(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("RUNNING", "DONE", "FAILED", name="runstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("lease_until", orm.UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_run")),
        sa.UniqueConstraint("name", "period", name=op.f("uq_batch_run_name_period")),
    )
    op.create_index(op.f("ix_batch_run_started_at"), "batch_run", ["started_at"], unique=False)
    op.create_table(
        "batch_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("changed_at", orm.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("every_minutes IS NULL OR every_minutes BETWEEN 1 AND 1440", name=op.f("ck_batch_schedule_every_minutes")),
        sa.CheckConstraint("hour BETWEEN 0 AND 23 AND minute BETWEEN 0 AND 59", name=op.f("ck_batch_schedule_hour")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_schedule")),
        sa.UniqueConstraint("name", name=op.f("uq_batch_schedule_name")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column("starts_at", orm.UtcDateTime(), nullable=False),
        sa.Column("ends_at", orm.UtcDateTime(), nullable=False),
        sa.Column("candidates_end_at", orm.UtcDateTime(), nullable=True),
        sa.Column("is_running", sa.Boolean(), nullable=False),
        sa.Column("archived_at", orm.UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_campaign_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("code", name=op.f("uq_campaign_code")),
    )
    op.create_index(
        "uq_campaign_running",
        "campaign",
        ["is_running"],
        unique=True,
        postgresql_where=sa.text("is_running"),
        sqlite_where=sa.text("is_running"),
    )
    op.create_table(
        "centre",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("max_candidatures", sa.Integer(), nullable=True),
        sa.Column("has_waiting_list", sa.Boolean(), nullable=False),
        sa.Column("information", orm.Translated(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("opens_at", orm.UtcDateTime(), nullable=True),
        sa.Column("closes_at", orm.UtcDateTime(), nullable=True),
        sa.Column("return_by", orm.UtcDateTime(), nullable=True),
        sa.Column("confirm_by", orm.UtcDateTime(), nullable=True),
        sa.Column("confirm_days", sa.Integer(), nullable=True),
        sa.Column("waitlist_confirm_by", orm.UtcDateTime(), nullable=True),
        sa.Column("waitlist_confirm_days", sa.Integer(), nullable=True),
        sa.Column("jury_on", sa.Date(), nullable=True),
        sa.Column("publication_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre")),
        sa.UniqueConstraint("code", name=op.f("uq_centre_code")),
    )
    op.create_table(
        "country",
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column("nationality", orm.Translated(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_country")),
    )
    op.create_table(
        "department",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_department")),
    )
    op.create_table(
        "diploma_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diploma_type")),
        sa.UniqueConstraint("code", name=op.f("uq_diploma_type_code")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.Column("is_mail_paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeat")),
        sa.UniqueConstraint("name", name=op.f("uq_heartbeat_name")),
    )
    op.create_table(
        "issued_dossier_number",
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("issued_at", orm.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_issued_dossier_number")),
    )
    op.create_index(op.f("ix_issued_dossier_number_issued_at"), "issued_dossier_number", ["issued_at"], unique=False)
    op.create_table(
        "mail_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("subject", orm.Translated(), nullable=False),
        sa.Column("body", orm.Translated(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_template")),
        sa.UniqueConstraint("code", name=op.f("uq_mail_template_code")),
    )
    op.create_table(
        "parameter",
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("value", orm.JsonType, nullable=False),
        sa.Column("updated_at", orm.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_parameter")),
    )
    op.create_index(op.f("ix_parameter_updated_at"), "parameter", ["updated_at"], unique=False)
    op.create_table(
        "rights_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("visible_statuses", orm.JsonType, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_profile")),
        sa.UniqueConstraint("code", name=op.f("uq_rights_profile_code")),
    )
    op.create_table(
        "silence_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column(
            "colour",
            sa.Enum(
                "GREY",
                "BLUE",
                "GREEN",
                "YELLOW",
                "ORANGE",
                "RED",
                "PURPLE",
                "PINK",
                name="colour",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_silence_alert_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence_alert")),
        sa.UniqueConstraint("days", name=op.f("uq_silence_alert_days")),
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_external", sa.Boolean(), nullable=False),
        sa.Column("active_until", sa.Date(), nullable=True),
        sa.Column("has_digest", sa.Boolean(), nullable=False),
        sa.Column("digested_on", sa.Date(), nullable=True),
        sa.Column("preferences", orm.JsonType, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
    )
    op.create_table(
        "canned_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("PIECE", "CORRECTION", "DECISION", name="commentkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", orm.Translated(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_canned_comment_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_comment")),
    )
    op.create_index(op.f("ix_canned_comment_centre_id"), "canned_comment", ["centre_id"], unique=False)
    op.create_table(
        "commission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("postal_address", sa.Text(), nullable=True),
        sa.Column(
            "alert_target",
            sa.Enum("NONE", "ADDRESS", "MEMBERS", name="alerttarget", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("alert_email", sa.String(length=254), nullable=True),
        sa.Column("alerts_transmission", sa.Boolean(), nullable=False),
        sa.Column("alerts_cancellation", sa.Boolean(), nullable=False),
        sa.Column("alerts_withdrawal", sa.Boolean(), nullable=False),
        sa.Column("alerts_promotion", sa.Boolean(), nullable=False),
        sa.Column("alerts_proposal", sa.Boolean(), nullable=False),
        sa.Column("signatory_name", sa.String(length=200), nullable=True),
        sa.Column("signatory_title", sa.String(length=200), nullable=True),
        sa.Column("signature_key", sa.String(length=64), nullable=True),
        sa.Column("has_letters", sa.Boolean(), nullable=False),
        sa.Column("mails_letters", sa.Boolean(), nullable=False),
        sa.Column("return_comment", orm.Translated(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_commission_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission")),
        sa.UniqueConstraint("code", name=op.f("uq_commission_code")),
    )
    op.create_index(op.f("ix_commission_centre_id"), "commission", ["centre_id"], unique=False)
    op.create_table(
        "commune",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("department_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(["department_code"], ["department.code"], name=op.f("fk_commune_department_code_department")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_commune")),
    )
    op.create_index(op.f("ix_commune_department_code"), "commune", ["department_code"], unique=False)
    op.create_table(
        "decision_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("REFUSAL", "WITHDRAWAL", name="reasonkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_decision_reason_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_reason")),
        sa.UniqueConstraint("code", name=op.f("uq_decision_reason_code")),
    )
    op.create_index(op.f("ix_decision_reason_centre_id"), "decision_reason", ["centre_id"], unique=False)
    op.create_table(
        "form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column("introduction", orm.Translated(), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_conditional", sa.Boolean(), nullable=False),
        sa.Column("is_blocking", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_form_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
        sa.UniqueConstraint("code", name=op.f("uq_form_code")),
    )
    op.create_index(op.f("ix_form_centre_id"), "form", ["centre_id"], unique=False)
    op.create_table(
        "letter_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("ADMISSION", "REFUSAL", "OTHER", name="letterkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("title", orm.Translated(), nullable=False),
        sa.Column("body", orm.Translated(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_letter_template_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template")),
        sa.UniqueConstraint("code", name=op.f("uq_letter_template_code")),
    )
    op.create_index(op.f("ix_letter_template_centre_id"), "letter_template", ["centre_id"], unique=False)
    op.create_table(
        "piece_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column("purpose", orm.Translated(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_conditional", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("template_key", sa.String(length=64), nullable=True),
        sa.Column("template_name", sa.String(length=100), nullable=True),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_piece_type_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piece_type")),
        sa.UniqueConstraint("code", name=op.f("uq_piece_type_code")),
    )
    op.create_index(op.f("ix_piece_type_centre_id"), "piece_type", ["centre_id"], unique=False)
    op.create_table(
        "profile_right",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column(
            "functionality",
            sa.Enum(
                "CANDIDATURES",
                "CANDIDATES",
                "ACT_FOR_CANDIDATE",
                "REVIEW_PIECES",
                "FILE_STATUS",
                "SET_TRACK",
                "VALIDATE_TRACK",
                "PROPOSE_DECISION",
                "VALIDATE_DECISION",
                "PUBLISH_DECISION",
                "DECISION_HISTORY",
                "DEADLINES",
                "SEATS",
                "ENROLMENTS",
                "MESSAGES",
                "NOTES",
                "TAGS",
                "OPINIONS",
                "DOCUMENTS",
                "EXPORTS",
                "STATISTICS",
                "CAMPAIGNS",
                "ORGANISATION",
                "FORMATIONS",
                "PIECES",
                "FORMS",
                "DECISION_SETTINGS",
                "TEMPLATES",
                "REFERENCE",
                "PARAMETERS",
                "RIGHTS",
                "OPERATIONS",
                name="functionality",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_write", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["rights_profile.id"], name=op.f("fk_profile_right_profile_id_rights_profile"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_right")),
        sa.UniqueConstraint("profile_id", "functionality", name=op.f("uq_profile_right_profile_id_functionality")),
    )
    op.create_index(op.f("ix_profile_right_profile_id"), "profile_right", ["profile_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("settings", orm.JsonType, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["staff_member.id"], name=op.f("fk_saved_view_owner_id_staff_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_view_public_id")),
    )
    op.create_index(op.f("ix_saved_view_owner_id"), "saved_view", ["owner_id"], unique=False)
    op.create_table(
        "scoring_grid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_scoring_grid_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_grid")),
    )
    op.create_index(op.f("ix_scoring_grid_centre_id"), "scoring_grid", ["centre_id"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "colour",
            sa.Enum(
                "GREY",
                "BLUE",
                "GREEN",
                "YELLOW",
                "ORANGE",
                "RED",
                "PURPLE",
                "PINK",
                name="colour",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_tag_centre_id_centre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
    )
    op.create_index(op.f("ix_tag_centre_id"), "tag", ["centre_id"], unique=False)
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_number", sa.String(length=8), nullable=False),
        sa.Column("civility", sa.Enum("MS", "MR", name="civility", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("usual_name", sa.String(length=100), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("other_names", sa.String(length=200), nullable=True),
        sa.Column("birth_on", sa.Date(), nullable=True),
        sa.Column("birth_country_code", sa.String(length=2), nullable=True),
        sa.Column("birth_department_code", sa.String(length=3), nullable=True),
        sa.Column("birth_commune_code", sa.String(length=5), nullable=True),
        sa.Column("birth_town", sa.String(length=100), nullable=True),
        sa.Column("nationality_code", sa.String(length=2), nullable=True),
        sa.Column("ine", sa.String(length=11), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("sis_number", sa.String(length=30), nullable=True),
        sa.Column(
            "identity_source", sa.Enum("TYPED", "SIS", name="source", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("has_no_external_record", sa.Boolean(), nullable=False),
        sa.Column("synchronised_at", orm.UtcDateTime(), nullable=True),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["birth_commune_code"], ["commune.code"], name=op.f("fk_candidate_birth_commune_code_commune")),
        sa.ForeignKeyConstraint(["birth_country_code"], ["country.code"], name=op.f("fk_candidate_birth_country_code_country")),
        sa.ForeignKeyConstraint(["birth_department_code"], ["department.code"], name=op.f("fk_candidate_birth_department_code_department")),
        sa.ForeignKeyConstraint(["nationality_code"], ["country.code"], name=op.f("fk_candidate_nationality_code_country")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("dossier_number", name=op.f("uq_candidate_dossier_number")),
        sa.UniqueConstraint("ine", name=op.f("uq_candidate_ine")),
    )
    op.create_index(op.f("ix_candidate_birth_commune_code"), "candidate", ["birth_commune_code"], unique=False)
    op.create_index(op.f("ix_candidate_birth_country_code"), "candidate", ["birth_country_code"], unique=False)
    op.create_index(op.f("ix_candidate_birth_department_code"), "candidate", ["birth_department_code"], unique=False)
    op.create_index(op.f("ix_candidate_created_at"), "candidate", ["created_at"], unique=False)
    op.create_index("ix_candidate_name", "candidate", ["last_name", "first_name", "id"], unique=False)
    op.create_index(op.f("ix_candidate_nationality_code"), "candidate", ["nationality_code"], unique=False)
    if not is_sqlite:
        op.create_index(
            "ix_candidate_search_trigrams",
            "candidate",
            ["search_text"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        )
    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("label", orm.Translated(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("maximum > 0 AND weight > 0", name=op.f("ck_criterion_bounds")),
        sa.ForeignKeyConstraint(["grid_id"], ["scoring_grid.id"], name=op.f("fk_criterion_grid_id_scoring_grid"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
    )
    op.create_index(op.f("ix_criterion_grid_id"), "criterion", ["grid_id"], unique=False)
    op.create_table(
        "decision_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "ADMITTED",
                "REFUSED",
                "WAITLISTED",
                "ON_HOLD",
                "SHORTLISTED",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_comment_shown", sa.Boolean(), nullable=False),
        sa.Column("is_enrolling", sa.Boolean(), nullable=False),
        sa.Column("is_definitive", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("mail_template_id", sa.Integer(), nullable=True),
        sa.Column("letter_template_id", sa.Integer(), nullable=True),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_decision_type_centre_id_centre")),
        sa.ForeignKeyConstraint(
            ["letter_template_id"], ["letter_template.id"], name=op.f("fk_decision_type_letter_template_id_letter_template")
        ),
        sa.ForeignKeyConstraint(["mail_template_id"], ["mail_template.id"], name=op.f("fk_decision_type_mail_template_id_mail_template")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_type")),
        sa.UniqueConstraint("code", name=op.f("uq_decision_type_code")),
    )
    op.create_index(op.f("ix_decision_type_centre_id"), "decision_type", ["centre_id"], unique=False)
    op.create_index(op.f("ix_decision_type_letter_template_id"), "decision_type", ["letter_template_id"], unique=False)
    op.create_index(op.f("ix_decision_type_mail_template_id"), "decision_type", ["mail_template_id"], unique=False)
    op.create_table(
        "form_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_form_version_form_id_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_form_version_form_id_number")),
    )
    op.create_index(op.f("ix_form_version_created_at"), "form_version", ["created_at"], unique=False)
    op.create_index(op.f("ix_form_version_form_id"), "form_version", ["form_id"], unique=False)
    op.create_table(
        "formation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("keywords", sa.String(length=500), nullable=True),
        sa.Column("town", sa.String(length=100), nullable=True),
        sa.Column("mode", sa.String(length=100), nullable=True),
        sa.Column("entry_level", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column(
            "initial_track",
            sa.Enum("CONTROLLED", "DIRECT", name="accesstrack", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("commission_id", sa.Integer(), nullable=False),
        sa.Column("diploma_type_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["commission_id"], ["commission.id"], name=op.f("fk_formation_commission_id_commission")),
        sa.ForeignKeyConstraint(["diploma_type_id"], ["diploma_type.id"], name=op.f("fk_formation_diploma_type_id_diploma_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formation")),
        sa.UniqueConstraint("code", name=op.f("uq_formation_code")),
    )
    op.create_index(op.f("ix_formation_commission_id"), "formation", ["commission_id"], unique=False)
    op.create_index(op.f("ix_formation_diploma_type_id"), "formation", ["diploma_type_id"], unique=False)
    op.create_table(
        "postal_code",
        sa.Column("postal_code", sa.String(length=5), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("fk_postal_code_commune_code_commune")),
        sa.PrimaryKeyConstraint("postal_code", "commune_code", name=op.f("pk_postal_code")),
    )
    op.create_index(op.f("ix_postal_code_commune_code"), "postal_code", ["commune_code"], unique=False)
    op.create_table(
        "rights_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_member_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum("ALL", "CENTRE", "COMMISSION", name="scopekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("commission_id", sa.Integer(), nullable=True),
        sa.Column("is_president", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(scope = 'CENTRE') = (centre_id IS NOT NULL)", name=op.f("ck_rights_grant_centre_scope")),
        sa.CheckConstraint("(scope = 'COMMISSION') = (commission_id IS NOT NULL)", name=op.f("ck_rights_grant_commission_scope")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_rights_grant_centre_id_centre"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["commission_id"], ["commission.id"], name=op.f("fk_rights_grant_commission_id_commission"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["profile_id"], ["rights_profile.id"], name=op.f("fk_rights_grant_profile_id_rights_profile")),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_member.id"], name=op.f("fk_rights_grant_staff_member_id_staff_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_grant")),
    )
    op.create_index(op.f("ix_rights_grant_centre_id"), "rights_grant", ["centre_id"], unique=False)
    op.create_index(op.f("ix_rights_grant_commission_id"), "rights_grant", ["commission_id"], unique=False)
    op.create_index(op.f("ix_rights_grant_profile_id"), "rights_grant", ["profile_id"], unique=False)
    op.create_index(op.f("ix_rights_grant_staff_member_id"), "rights_grant", ["staff_member_id"], unique=False)
    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("line1", sa.String(length=100), nullable=False),
        sa.Column("line2", sa.String(length=100), nullable=True),
        sa.Column("postal_code", sa.String(length=12), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("town", sa.String(length=100), nullable=True),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_address_candidate_id_candidate"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("fk_address_commune_code_commune")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_address_country_code_country")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_address_candidate_id")),
    )
    op.create_index(op.f("ix_address_commune_code"), "address", ["commune_code"], unique=False)
    op.create_index(op.f("ix_address_country_code"), "address", ["country_code"], unique=False)
    op.create_table(
        "baccalaureat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("series_code", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("mention_code", sa.String(length=20), nullable=True),
        sa.Column("country_code", sa.String(length=2), nullable=True),
        sa.Column("department_code", sa.String(length=3), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("school", sa.String(length=200), nullable=True),
        sa.Column("source", sa.Enum("TYPED", "SIS", name="source", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_baccalaureat_candidate_id_candidate"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("fk_baccalaureat_commune_code_commune")),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_baccalaureat_country_code_country")),
        sa.ForeignKeyConstraint(["department_code"], ["department.code"], name=op.f("fk_baccalaureat_department_code_department")),
        sa.ForeignKeyConstraint(["mention_code"], ["bac_mention.code"], name=op.f("fk_baccalaureat_mention_code_bac_mention")),
        sa.ForeignKeyConstraint(["series_code"], ["bac_series.code"], name=op.f("fk_baccalaureat_series_code_bac_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baccalaureat")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_baccalaureat_candidate_id")),
    )
    op.create_index(op.f("ix_baccalaureat_commune_code"), "baccalaureat", ["commune_code"], unique=False)
    op.create_index(op.f("ix_baccalaureat_country_code"), "baccalaureat", ["country_code"], unique=False)
    op.create_index(op.f("ix_baccalaureat_department_code"), "baccalaureat", ["department_code"], unique=False)
    op.create_index(op.f("ix_baccalaureat_mention_code"), "baccalaureat", ["mention_code"], unique=False)
    op.create_index(op.f("ix_baccalaureat_series_code"), "baccalaureat", ["series_code"], unique=False)
    op.create_table(
        "enrolment_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("opi_number", sa.String(length=10), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_enrolment_proposal_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_enrolment_proposal_candidate_id_candidate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_proposal")),
        sa.UniqueConstraint("candidate_id", "campaign_id", name=op.f("uq_enrolment_proposal_candidate_id_campaign_id")),
        sa.UniqueConstraint("opi_number", name=op.f("uq_enrolment_proposal_opi_number")),
    )
    op.create_index(op.f("ix_enrolment_proposal_campaign_id"), "enrolment_proposal", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_enrolment_proposal_candidate_id"), "enrolment_proposal", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_enrolment_proposal_created_at"), "enrolment_proposal", ["created_at"], unique=False)
    op.create_table(
        "external_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("diploma", sa.String(length=200), nullable=False),
        sa.Column("institution", sa.String(length=200), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("town", sa.String(length=100), nullable=True),
        sa.Column(
            "obtained",
            sa.Enum("YES", "NO", "ONGOING", name="obtained", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("mention", sa.String(length=100), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_external_record_candidate_id_candidate"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["country_code"], ["country.code"], name=op.f("fk_external_record_country_code_country")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_record")),
    )
    op.create_index(op.f("ix_external_record_candidate_id"), "external_record", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_external_record_country_code"), "external_record", ["country_code"], unique=False)
    op.create_table(
        "form_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=50), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "TEXT",
                "LONG_TEXT",
                "NUMBER",
                "DATE",
                "CHOICE",
                "YES_NO",
                name="fieldkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", orm.Translated(), nullable=False),
        sa.Column("help", orm.Translated(), nullable=True),
        sa.Column("choices", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("minimum", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("maximum", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_version.id"], name=op.f("fk_form_field_form_version_id_form_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_field")),
        sa.UniqueConstraint("form_version_id", "key", name=op.f("uq_form_field_form_version_id_key")),
    )
    op.create_index(op.f("ix_form_field_form_version_id"), "form_field", ["form_version_id"], unique=False)
    op.create_table(
        "internal_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("result", sa.String(length=100), nullable=True),
        sa.Column("mark", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_internal_record_candidate_id_candidate"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internal_record")),
    )
    op.create_index(op.f("ix_internal_record_candidate_id"), "internal_record", ["candidate_id"], unique=False)
    op.create_table(
        "internship",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("duration", sa.String(length=100), nullable=False),
        sa.Column("weekly_hours", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_internship_candidate_id_candidate"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internship")),
    )
    op.create_index(op.f("ix_internship_candidate_id"), "internship", ["candidate_id"], unique=False)
    op.create_table(
        "offering",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("formation_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("commission_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("has_waiting_list", sa.Boolean(), nullable=False),
        sa.Column(
            "promotion_mode",
            sa.Enum("NONE", "PROPOSED", "AUTOMATIC", name="promotionmode", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("information", orm.Translated(), nullable=True),
        sa.Column("scoring_grid_id", sa.Integer(), nullable=True),
        sa.Column("admitted_type_id", sa.Integer(), nullable=True),
        sa.Column("opens_at", orm.UtcDateTime(), nullable=True),
        sa.Column("closes_at", orm.UtcDateTime(), nullable=True),
        sa.Column("return_by", orm.UtcDateTime(), nullable=True),
        sa.Column("confirm_by", orm.UtcDateTime(), nullable=True),
        sa.Column("confirm_days", sa.Integer(), nullable=True),
        sa.Column("waitlist_confirm_by", orm.UtcDateTime(), nullable=True),
        sa.Column("waitlist_confirm_days", sa.Integer(), nullable=True),
        sa.Column("jury_on", sa.Date(), nullable=True),
        sa.Column("publication_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_offering_capacity")),
        sa.ForeignKeyConstraint(["admitted_type_id"], ["decision_type.id"], name=op.f("fk_offering_admitted_type_id_decision_type")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_offering_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["commission_id"], ["commission.id"], name=op.f("fk_offering_commission_id_commission")),
        sa.ForeignKeyConstraint(["formation_id"], ["formation.id"], name=op.f("fk_offering_formation_id_formation")),
        sa.ForeignKeyConstraint(["scoring_grid_id"], ["scoring_grid.id"], name=op.f("fk_offering_scoring_grid_id_scoring_grid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering")),
        sa.UniqueConstraint("formation_id", "campaign_id", name=op.f("uq_offering_formation_id_campaign_id")),
    )
    op.create_index(op.f("ix_offering_admitted_type_id"), "offering", ["admitted_type_id"], unique=False)
    op.create_index(op.f("ix_offering_campaign_id"), "offering", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_offering_commission_id"), "offering", ["commission_id"], unique=False)
    op.create_index(op.f("ix_offering_formation_id"), "offering", ["formation_id"], unique=False)
    op.create_index(op.f("ix_offering_scoring_grid_id"), "offering", ["scoring_grid_id"], unique=False)
    op.create_table(
        "profile_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", orm.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_profile_confirmation_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_profile_confirmation_candidate_id_candidate"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_confirmation")),
        sa.UniqueConstraint("candidate_id", "campaign_id", name=op.f("uq_profile_confirmation_candidate_id_campaign_id")),
    )
    op.create_index(op.f("ix_profile_confirmation_campaign_id"), "profile_confirmation", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_profile_confirmation_candidate_id"), "profile_confirmation", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_profile_confirmation_confirmed_at"), "profile_confirmation", ["confirmed_at"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", orm.UtcDateTime(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("last_totp_counter", sa.Integer(), nullable=True),
        sa.Column("candidate_id", sa.Integer(), nullable=True),
        sa.Column("staff_member_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("candidate_id IS NULL OR staff_member_id IS NULL", name=op.f("ck_user_account_one_role")),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_user_account_candidate_id_candidate"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_member.id"], name=op.f("fk_user_account_staff_member_id_staff_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_user_account_candidate_id")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_account_fs_uniquifier")),
        sa.UniqueConstraint("staff_member_id", name=op.f("uq_user_account_staff_member_id")),
    )
    op.create_index(op.f("ix_user_account_created_at"), "user_account", ["created_at"], unique=False)
    op.create_index("uq_user_account_email_lower", "user_account", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "work_experience",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("duration", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_work_experience_candidate_id_candidate"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_experience")),
    )
    op.create_index(op.f("ix_work_experience_candidate_id"), "work_experience", ["candidate_id"], unique=False)
    op.create_table(
        "account_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("expires_at", orm.UtcDateTime(), nullable=False),
        sa.Column("used_at", orm.UtcDateTime(), nullable=True),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_account_token_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_token_token_hash")),
    )
    op.create_index(op.f("ix_account_token_created_at"), "account_token", ["created_at"], unique=False)
    op.create_index(op.f("ix_account_token_user_id"), "account_token", ["user_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=60), nullable=False),
        sa.Column("changes", orm.JsonType, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("values_digest", sa.String(length=64), nullable=True),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("fk_audit_entry_actor_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("sequence", name=op.f("uq_audit_entry_sequence")),
    )
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_table(
        "candidature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column(
            "file_status",
            sa.Enum(
                "WAITING", "RECEIVED", "INCOMPLETE", "COMPLETE", name="filestatus", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("file_status_at", orm.UtcDateTime(), nullable=False),
        sa.Column("transmitted_at", orm.UtcDateTime(), nullable=True),
        sa.Column("transmission_count", sa.Integer(), nullable=False),
        sa.Column(
            "access_track",
            sa.Enum("CONTROLLED", "DIRECT", name="accesstrack", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("track_validated_at", orm.UtcDateTime(), nullable=True),
        sa.Column("published_decision_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "ADMITTED",
                "REFUSED",
                "WAITLISTED",
                "ON_HOLD",
                "SHORTLISTED",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "answer", sa.Enum("CONFIRMED", "WITHDRAWN", name="answer", native_enum=False, create_constraint=True, length=40), nullable=True
        ),
        sa.Column("answered_at", orm.UtcDateTime(), nullable=True),
        sa.Column("is_answer_automatic", sa.Boolean(), nullable=False),
        sa.Column("withdrawal_reason_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", orm.UtcDateTime(), nullable=True),
        sa.Column("individual_return_by", orm.UtcDateTime(), nullable=True),
        sa.Column("individual_confirm_by", orm.UtcDateTime(), nullable=True),
        sa.Column("correction_comment", sa.Text(), nullable=True),
        sa.Column("received_at", orm.UtcDateTime(), nullable=True),
        sa.Column("completed_at", orm.UtcDateTime(), nullable=True),
        sa.Column("incomplete_at", orm.UtcDateTime(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("real_rank", sa.Integer(), nullable=True),
        sa.Column("score", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("reminded_return_at", orm.UtcDateTime(), nullable=True),
        sa.Column("reminded_answer_at", orm.UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "answer <> 'CONFIRMED' OR (outcome IS NOT NULL AND outcome = 'ADMITTED')", name=op.f("ck_candidature_confirmed_is_admitted")
        ),
        sa.CheckConstraint(
            "answer <> 'WITHDRAWN' OR outcome IS NULL OR outcome <> 'REFUSED'", name=op.f("ck_candidature_withdrawn_is_not_refused")
        ),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR (transmitted_at IS NULL AND outcome IS NULL AND answer IS NULL AND file_status = 'WAITING')",
            name=op.f("ck_candidature_cancelled_is_untouched"),
        ),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_candidature_answer_is_dated")),
        sa.CheckConstraint("(outcome IS NULL) = (published_decision_id IS NULL)", name=op.f("ck_candidature_outcome_is_published")),
        sa.CheckConstraint("track_validated_at IS NULL OR access_track IS NOT NULL", name=op.f("ck_candidature_validated_track_is_known")),
        sa.CheckConstraint(
            "transmission_count >= 0 AND (transmission_count > 0) = (transmitted_at IS NOT NULL)",
            name=op.f("ck_candidature_transmissions_are_counted"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_candidature_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_candidature_candidate_id_candidate")),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_candidature_offering_id_offering")),
        sa.ForeignKeyConstraint(
            ["published_decision_id"], ["decision.id"], name=op.f("fk_candidature_published_decision_id_decision"), use_alter=not is_sqlite
        ),
        sa.ForeignKeyConstraint(
            ["withdrawal_reason_id"], ["decision_reason.id"], name=op.f("fk_candidature_withdrawal_reason_id_decision_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidature")),
        sa.UniqueConstraint("public_id", name=op.f("uq_candidature_public_id")),
        sa.UniqueConstraint("published_decision_id", name=op.f("uq_candidature_published_decision_id")),
    )
    op.create_index(op.f("ix_candidature_answer"), "candidature", ["answer"], unique=False)
    op.create_index(op.f("ix_candidature_campaign_id"), "candidature", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_candidature_candidate_id"), "candidature", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_candidature_created_at"), "candidature", ["created_at"], unique=False)
    op.create_index(op.f("ix_candidature_file_status"), "candidature", ["file_status"], unique=False)
    op.create_index(op.f("ix_candidature_offering_id"), "candidature", ["offering_id"], unique=False)
    op.create_index("ix_candidature_offering_status", "candidature", ["offering_id", "file_status"], unique=False)
    op.create_index(op.f("ix_candidature_outcome"), "candidature", ["outcome"], unique=False)
    if not is_sqlite:
        op.create_index(
            "ix_candidature_search_trigrams",
            "candidature",
            ["search_text"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        )
    op.create_index(op.f("ix_candidature_withdrawal_reason_id"), "candidature", ["withdrawal_reason_id"], unique=False)
    op.create_index(
        "uq_candidature_live",
        "candidature",
        ["candidate_id", "offering_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
        sqlite_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sis_number", sa.String(length=30), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_identity_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_identity_provider_subject")),
    )
    op.create_index(op.f("ix_identity_user_id"), "identity", ["user_id"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("parameters", orm.JsonType, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "WAITING",
                "RUNNING",
                "DONE",
                "FAILED",
                "STOPPED",
                "UNDONE",
                name="jobstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("not_before", orm.UtcDateTime(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", orm.UtcDateTime(), nullable=True),
        sa.Column("started_at", orm.UtcDateTime(), nullable=True),
        sa.Column("ended_at", orm.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("storage_key", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("expires_at", orm.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_job_created_by_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_public_id")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_job_storage_key")),
    )
    op.create_index(op.f("ix_job_created_at"), "job", ["created_at"], unique=False)
    op.create_index(op.f("ix_job_created_by_id"), "job", ["created_by_id"], unique=False)
    op.create_index("ix_job_due", "job", ["state", "not_before"], unique=False)
    op.create_index(op.f("ix_job_kind"), "job", ["kind"], unique=False)
    op.create_table(
        "required_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("offering_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("centre_id IS NULL OR offering_id IS NULL", name=op.f("ck_required_form_one_target")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_required_form_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_required_form_centre_id_centre")),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_required_form_form_id_form")),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_required_form_offering_id_offering")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_required_form")),
    )
    op.create_index(op.f("ix_required_form_campaign_id"), "required_form", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_required_form_centre_id"), "required_form", ["centre_id"], unique=False)
    op.create_index(op.f("ix_required_form_form_id"), "required_form", ["form_id"], unique=False)
    op.create_index(op.f("ix_required_form_offering_id"), "required_form", ["offering_id"], unique=False)
    op.create_table(
        "required_piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("piece_type_id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("offering_id", sa.Integer(), nullable=True),
        sa.Column(
            "access_track",
            sa.Enum("CONTROLLED", "DIRECT", name="accesstrack", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("deadline", orm.UtcDateTime(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("centre_id IS NULL OR offering_id IS NULL", name=op.f("ck_required_piece_one_target")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_required_piece_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_required_piece_centre_id_centre")),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_required_piece_offering_id_offering")),
        sa.ForeignKeyConstraint(["piece_type_id"], ["piece_type.id"], name=op.f("fk_required_piece_piece_type_id_piece_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_required_piece")),
    )
    op.create_index(op.f("ix_required_piece_campaign_id"), "required_piece", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_required_piece_centre_id"), "required_piece", ["centre_id"], unique=False)
    op.create_index(op.f("ix_required_piece_offering_id"), "required_piece", ["offering_id"], unique=False)
    op.create_index(op.f("ix_required_piece_piece_type_id"), "required_piece", ["piece_type_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("seen_at", orm.UtcDateTime(), nullable=False),
        sa.Column("fresh_at", orm.UtcDateTime(), nullable=False),
        sa.Column("ended_at", orm.UtcDateTime(), nullable=True),
        sa.Column("device", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("public_id", name=op.f("uq_user_session_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index(op.f("ix_user_session_created_at"), "user_session", ["created_at"], unique=False)
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "candidature_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("command_key", sa.String(length=64), nullable=True),
        sa.Column("before", orm.JsonType, nullable=False),
        sa.Column("after", orm.JsonType, nullable=False),
        sa.Column("details", orm.JsonType, nullable=True),
        sa.Column("details_salt", sa.String(length=32), nullable=True),
        sa.Column("details_digest", sa.String(length=64), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_candidature_event_actor_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_candidature_event_candidature_id_candidature")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidature_event")),
        sa.UniqueConstraint("candidature_id", "command_key", name=op.f("uq_candidature_event_candidature_id_command_key")),
        sa.UniqueConstraint("candidature_id", "sequence", name=op.f("uq_candidature_event_candidature_id_sequence")),
    )
    op.create_index(op.f("ix_candidature_event_action"), "candidature_event", ["action"], unique=False)
    op.create_index(op.f("ix_candidature_event_actor_id"), "candidature_event", ["actor_id"], unique=False)
    op.create_index(op.f("ix_candidature_event_candidature_id"), "candidature_event", ["candidature_id"], unique=False)
    op.create_table(
        "candidature_tag",
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_candidature_tag_candidature_id_candidature"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_candidature_tag_tag_id_tag"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("candidature_id", "tag_id", name=op.f("pk_candidature_tag")),
    )
    op.create_index(op.f("ix_candidature_tag_tag_id"), "candidature_tag", ["tag_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("decision_type_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum("PROPOSED", "VALIDATED", "PUBLISHED", name="stage", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("interview_at", orm.UtcDateTime(), nullable=True),
        sa.Column("interview_place", sa.String(length=200), nullable=True),
        sa.Column("confirm_by", orm.UtcDateTime(), nullable=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("validated_at", orm.UtcDateTime(), nullable=True),
        sa.Column("validated_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", orm.UtcDateTime(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(stage = 'PROPOSED') = (validated_at IS NULL)", name=op.f("ck_decision_validated_is_dated")),
        sa.CheckConstraint("(stage = 'PUBLISHED') = (published_at IS NOT NULL)", name=op.f("ck_decision_published_is_dated")),
        sa.CheckConstraint('"rank" IS NULL OR "rank" > 0', name=op.f("ck_decision_rank")),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_decision_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_member.id"], name=op.f("fk_decision_created_by_id_staff_member")),
        sa.ForeignKeyConstraint(["decision_type_id"], ["decision_type.id"], name=op.f("fk_decision_decision_type_id_decision_type")),
        sa.ForeignKeyConstraint(["published_by_id"], ["staff_member.id"], name=op.f("fk_decision_published_by_id_staff_member")),
        sa.ForeignKeyConstraint(["reason_id"], ["decision_reason.id"], name=op.f("fk_decision_reason_id_decision_reason")),
        sa.ForeignKeyConstraint(["validated_by_id"], ["staff_member.id"], name=op.f("fk_decision_validated_by_id_staff_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_candidature_id"), "decision", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_decision_created_at"), "decision", ["created_at"], unique=False)
    op.create_index(op.f("ix_decision_created_by_id"), "decision", ["created_by_id"], unique=False)
    op.create_index(op.f("ix_decision_decision_type_id"), "decision", ["decision_type_id"], unique=False)
    op.create_index(op.f("ix_decision_published_by_id"), "decision", ["published_by_id"], unique=False)
    op.create_index(op.f("ix_decision_reason_id"), "decision", ["reason_id"], unique=False)
    op.create_index(op.f("ix_decision_stage"), "decision", ["stage"], unique=False)
    op.create_index(op.f("ix_decision_validated_by_id"), "decision", ["validated_by_id"], unique=False)
    op.create_index(
        "uq_decision_draft",
        "decision",
        ["candidature_id"],
        unique=True,
        postgresql_where=sa.text("stage <> 'PUBLISHED'"),
        sqlite_where=sa.text("stage <> 'PUBLISHED'"),
    )
    op.create_table(
        "deposit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("piece_type_id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_deposit_candidate_id_candidate")),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_deposit_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["piece_type_id"], ["piece_type.id"], name=op.f("fk_deposit_piece_type_id_piece_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
        sa.UniqueConstraint("candidature_id", "piece_type_id", name=op.f("uq_deposit_candidature_id_piece_type_id")),
    )
    op.create_index(op.f("ix_deposit_candidate_id"), "deposit", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_deposit_candidature_id"), "deposit", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_deposit_piece_type_id"), "deposit", ["piece_type_id"], unique=False)
    op.create_index(
        "uq_deposit_shared",
        "deposit",
        ["candidate_id", "piece_type_id"],
        unique=True,
        postgresql_where=sa.text("candidature_id IS NULL"),
        sqlite_where=sa.text("candidature_id IS NULL"),
    )
    op.create_table(
        "enrolment_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "EXPECTED",
                "SENT",
                "ACCEPTED",
                "REFUSED",
                "RETRACTED",
                name="ledgerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("changed_at", orm.UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_enrolment_line_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["proposal_id"], ["enrolment_proposal.id"], name=op.f("fk_enrolment_line_proposal_id_enrolment_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_line")),
        sa.UniqueConstraint("candidature_id", name=op.f("uq_enrolment_line_candidature_id")),
    )
    op.create_index(op.f("ix_enrolment_line_proposal_id"), "enrolment_line", ["proposal_id"], unique=False)
    op.create_index(op.f("ix_enrolment_line_state"), "enrolment_line", ["state"], unique=False)
    op.create_table(
        "form_response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=True),
        sa.Column("candidate_id", sa.Integer(), nullable=True),
        sa.Column("candidature_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("STARTED", "COMPLETED", "NOT_CONCERNED", name="responsestate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("saved_at", orm.UtcDateTime(), nullable=False),
        sa.Column("completed_at", orm.UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(candidate_id IS NULL) <> (candidature_id IS NULL)", name=op.f("ck_form_response_one_owner")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_form_response_candidate_id_candidate")),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_form_response_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_form_response_form_id_form")),
        sa.ForeignKeyConstraint(["form_version_id"], ["form_version.id"], name=op.f("fk_form_response_form_version_id_form_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_response")),
        sa.UniqueConstraint("candidate_id", "form_id", name=op.f("uq_form_response_candidate_id_form_id")),
        sa.UniqueConstraint("candidature_id", "form_id", name=op.f("uq_form_response_candidature_id_form_id")),
    )
    op.create_index(op.f("ix_form_response_candidate_id"), "form_response", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_form_response_candidature_id"), "form_response", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_form_response_form_id"), "form_response", ["form_id"], unique=False)
    op.create_index(op.f("ix_form_response_form_version_id"), "form_response", ["form_version_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff_member.id"], name=op.f("fk_note_author_id_staff_member")),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_note_candidature_id_candidature"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_at"), "note", ["at"], unique=False)
    op.create_index(op.f("ix_note_author_id"), "note", ["author_id"], unique=False)
    op.create_index(op.f("ix_note_candidature_id"), "note", ["candidature_id"], unique=False)
    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("staff_member_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("FAVOURABLE", "RESERVED", "UNFAVOURABLE", name="opinionkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("total", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_opinion_candidature_id_candidature"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_member_id"], ["staff_member.id"], name=op.f("fk_opinion_staff_member_id_staff_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("candidature_id", "staff_member_id", name=op.f("uq_opinion_candidature_id_staff_member_id")),
    )
    op.create_index(op.f("ix_opinion_at"), "opinion", ["at"], unique=False)
    op.create_index(op.f("ix_opinion_candidature_id"), "opinion", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_opinion_staff_member_id"), "opinion", ["staff_member_id"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("secret_text", sa.Text(), nullable=True),
        sa.Column("attachment", sa.String(length=60), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "SENDING",
                "SENT",
                "FAILED",
                "DEAD",
                "RECALLED",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", orm.UtcDateTime(), nullable=False),
        sa.Column("lease_until", orm.UtcDateTime(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("data_at", orm.UtcDateTime(), nullable=True),
        sa.Column("accepted_at", orm.UtcDateTime(), nullable=True),
        sa.Column("is_possibly_twice", sa.Boolean(), nullable=False),
        sa.Column("smtp_reply", sa.Text(), nullable=True),
        sa.Column("read_at", orm.UtcDateTime(), nullable=True),
        sa.Column("candidate_id", sa.Integer(), nullable=True),
        sa.Column("candidature_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_outbox_message_candidate_id_candidate"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_outbox_message_candidature_id_candidature")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outbox_message_public_id")),
    )
    op.create_index(op.f("ix_outbox_message_candidate_id"), "outbox_message", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_outbox_message_candidature_id"), "outbox_message", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_outbox_message_created_at"), "outbox_message", ["created_at"], unique=False)
    op.create_index("ix_outbox_message_due", "outbox_message", ["state", "not_before"], unique=False)
    op.create_index(op.f("ix_outbox_message_kind"), "outbox_message", ["kind"], unique=False)
    op.create_index(op.f("ix_outbox_message_state"), "outbox_message", ["state"], unique=False)
    op.create_table(
        "photograph",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("required_piece_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_photograph_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["required_piece_id"], ["required_piece.id"], name=op.f("fk_photograph_required_piece_id_required_piece")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photograph")),
        sa.UniqueConstraint("public_id", name=op.f("uq_photograph_public_id")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_photograph_storage_key")),
    )
    op.create_index(op.f("ix_photograph_candidature_id"), "photograph", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_photograph_created_at"), "photograph", ["created_at"], unique=False)
    op.create_index(op.f("ix_photograph_required_piece_id"), "photograph", ["required_piece_id"], unique=False)
    op.create_table(
        "promotion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("freed_by_id", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("real_rank", sa.Integer(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum(
                "WITHDRAWAL",
                "LAPSE",
                "DECISION",
                "CAPACITY",
                "CALL",
                name="promotioncause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("PROPOSED", "DONE", "DISMISSED", name="promotionstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.Column("decided_at", orm.UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("is_over_capacity", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_promotion_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff_member.id"], name=op.f("fk_promotion_decided_by_id_staff_member")),
        sa.ForeignKeyConstraint(["freed_by_id"], ["candidature.id"], name=op.f("fk_promotion_freed_by_id_candidature")),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_promotion_offering_id_offering")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
    )
    op.create_index(op.f("ix_promotion_at"), "promotion", ["at"], unique=False)
    op.create_index(op.f("ix_promotion_candidature_id"), "promotion", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_promotion_decided_by_id"), "promotion", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_promotion_freed_by_id"), "promotion", ["freed_by_id"], unique=False)
    op.create_index(op.f("ix_promotion_offering_id"), "promotion", ["offering_id"], unique=False)
    op.create_index("ix_promotion_offering_state", "promotion", ["offering_id", "state"], unique=False)
    op.create_table(
        "recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("staff_member_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_recusal_candidature_id_candidature"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_member_id"], ["staff_member.id"], name=op.f("fk_recusal_staff_member_id_staff_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
        sa.UniqueConstraint("candidature_id", "staff_member_id", name=op.f("uq_recusal_candidature_id_staff_member_id")),
    )
    op.create_index(op.f("ix_recusal_at"), "recusal", ["at"], unique=False)
    op.create_index(op.f("ix_recusal_candidature_id"), "recusal", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_recusal_staff_member_id"), "recusal", ["staff_member_id"], unique=False)
    op.create_table(
        "transmission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", orm.UtcDateTime(), nullable=False),
        sa.Column("receipt_number", sa.String(length=20), nullable=False),
        sa.Column("command_key", sa.String(length=64), nullable=True),
        sa.Column("profile", orm.JsonType, nullable=False),
        sa.Column("answers", orm.JsonType, nullable=False),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_transmission_candidature_id_candidature")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transmission")),
        sa.UniqueConstraint("candidature_id", "number", name=op.f("uq_transmission_candidature_id_number")),
        sa.UniqueConstraint("command_key", name=op.f("uq_transmission_command_key")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_transmission_receipt_number")),
    )
    op.create_index(op.f("ix_transmission_candidature_id"), "transmission", ["candidature_id"], unique=False)
    op.create_table(
        "file_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deposit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", orm.UtcDateTime(), nullable=False),
        sa.Column("original_name", sa.String(length=100), nullable=False),
        sa.Column("original_key", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "check_state",
            sa.Enum(
                "RECEIVED",
                "CHECKING",
                "SAFE",
                "REJECTED",
                "QUARANTINED",
                name="checkstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("check_code", sa.String(length=40), nullable=True),
        sa.Column("check_attempts", sa.Integer(), nullable=False),
        sa.Column("check_lease_until", orm.UtcDateTime(), nullable=True),
        sa.Column("checked_at", orm.UtcDateTime(), nullable=True),
        sa.Column("warnings", orm.JsonType, nullable=True),
        sa.Column("served_key", sa.String(length=64), nullable=True),
        sa.Column("served_sha256", sa.String(length=64), nullable=True),
        sa.Column("served_size", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(length=40), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("preview_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(check_state = 'SAFE') = (served_key IS NOT NULL)", name=op.f("ck_file_version_served_is_safe")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("fk_file_version_deposit_id_deposit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_version")),
        sa.UniqueConstraint("deposit_id", "number", name=op.f("uq_file_version_deposit_id_number")),
        sa.UniqueConstraint("original_key", name=op.f("uq_file_version_original_key")),
        sa.UniqueConstraint("preview_key", name=op.f("uq_file_version_preview_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_file_version_public_id")),
        sa.UniqueConstraint("served_key", name=op.f("uq_file_version_served_key")),
    )
    op.create_index(op.f("ix_file_version_check_state"), "file_version", ["check_state"], unique=False)
    op.create_index(op.f("ix_file_version_created_at"), "file_version", ["created_at"], unique=False)
    op.create_index(op.f("ix_file_version_deposit_id"), "file_version", ["deposit_id"], unique=False)
    op.create_table(
        "form_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("form_field_id", sa.Integer(), nullable=False),
        sa.Column("value_text", sa.Text(), nullable=True),
        sa.Column("value_choice", sa.String(length=50), nullable=True),
        sa.Column("value_number", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("value_yes", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["form_field_id"], ["form_field.id"], name=op.f("fk_form_answer_form_field_id_form_field")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["form_response.id"], name=op.f("fk_form_answer_response_id_form_response"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_answer")),
        sa.UniqueConstraint("response_id", "form_field_id", name=op.f("uq_form_answer_response_id_form_field_id")),
    )
    op.create_index("ix_form_answer_field_text", "form_answer", ["form_field_id", "value_choice"], unique=False)
    op.create_index(op.f("ix_form_answer_form_field_id"), "form_answer", ["form_field_id"], unique=False)
    op.create_index(op.f("ix_form_answer_response_id"), "form_answer", ["response_id"], unique=False)
    op.create_table(
        "job_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("WAITING", "DONE", "REFUSED", "UNDONE", name="linestate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sentence", sa.String(length=500), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("before", orm.JsonType, nullable=True),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_job_line_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["event_id"], ["candidature_event.id"], name=op.f("fk_job_line_event_id_candidature_event")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_line_job_id_job"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_line")),
        sa.UniqueConstraint("job_id", "candidature_id", name=op.f("uq_job_line_job_id_candidature_id")),
    )
    op.create_index(op.f("ix_job_line_candidature_id"), "job_line", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_job_line_event_id"), "job_line", ["event_id"], unique=False)
    op.create_index(op.f("ix_job_line_job_id"), "job_line", ["job_id"], unique=False)
    op.create_index("ix_job_line_state", "job_line", ["job_id", "state", "position"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("ADMISSION", "REFUSAL", "OTHER", name="letterkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("issued_at", orm.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", orm.UtcDateTime(), nullable=True),
        sa.Column("storage_key", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.CheckConstraint("(storage_key IS NULL) = (sha256 IS NULL)", name=op.f("ck_letter_issued_is_known_by_its_hash")),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_letter_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_letter_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_letter_public_id")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_letter_storage_key")),
    )
    op.create_index(op.f("ix_letter_candidature_id"), "letter", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_letter_decision_id"), "letter", ["decision_id"], unique=False)
    op.create_index(op.f("ix_letter_issued_at"), "letter", ["issued_at"], unique=False)
    op.create_index(
        "uq_letter_live",
        "letter",
        ["decision_id", "language"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "opinion_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_opinion_score_criterion_id_criterion")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_opinion_score_opinion_id_opinion"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_score")),
        sa.UniqueConstraint("opinion_id", "criterion_id", name=op.f("uq_opinion_score_opinion_id_criterion_id")),
    )
    op.create_index(op.f("ix_opinion_score_criterion_id"), "opinion_score", ["criterion_id"], unique=False)
    op.create_index(op.f("ix_opinion_score_opinion_id"), "opinion_score", ["opinion_id"], unique=False)
    op.create_table(
        "submitted_piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Integer(), nullable=False),
        sa.Column("required_piece_id", sa.Integer(), nullable=False),
        sa.Column("file_version_id", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "MISSING",
                "SUBMITTED",
                "VALIDATED",
                "REFUSED",
                "NOT_CONCERNED",
                name="piecestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("reviewed_at", orm.UtcDateTime(), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status IN ('SUBMITTED', 'VALIDATED', 'REFUSED')) = (file_version_id IS NOT NULL)",
            name=op.f("ck_submitted_piece_status_has_file"),
        ),
        sa.ForeignKeyConstraint(["candidature_id"], ["candidature.id"], name=op.f("fk_submitted_piece_candidature_id_candidature")),
        sa.ForeignKeyConstraint(["file_version_id"], ["file_version.id"], name=op.f("fk_submitted_piece_file_version_id_file_version")),
        sa.ForeignKeyConstraint(
            ["required_piece_id"], ["required_piece.id"], name=op.f("fk_submitted_piece_required_piece_id_required_piece")
        ),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["staff_member.id"], name=op.f("fk_submitted_piece_reviewed_by_id_staff_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submitted_piece")),
        sa.UniqueConstraint("candidature_id", "required_piece_id", name=op.f("uq_submitted_piece_candidature_id_required_piece_id")),
    )
    op.create_index(op.f("ix_submitted_piece_candidature_id"), "submitted_piece", ["candidature_id"], unique=False)
    op.create_index(op.f("ix_submitted_piece_file_version_id"), "submitted_piece", ["file_version_id"], unique=False)
    op.create_index(op.f("ix_submitted_piece_required_piece_id"), "submitted_piece", ["required_piece_id"], unique=False)
    op.create_index(op.f("ix_submitted_piece_reviewed_by_id"), "submitted_piece", ["reviewed_by_id"], unique=False)
    op.create_table(
        "transmitted_piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transmission_id", sa.Integer(), nullable=False),
        sa.Column("required_piece_id", sa.Integer(), nullable=False),
        sa.Column("file_version_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", orm.Translated(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "MISSING",
                "SUBMITTED",
                "VALIDATED",
                "REFUSED",
                "NOT_CONCERNED",
                name="piecestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("is_unchecked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["file_version_id"], ["file_version.id"], name=op.f("fk_transmitted_piece_file_version_id_file_version")),
        sa.ForeignKeyConstraint(
            ["required_piece_id"], ["required_piece.id"], name=op.f("fk_transmitted_piece_required_piece_id_required_piece")
        ),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmission.id"], name=op.f("fk_transmitted_piece_transmission_id_transmission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transmitted_piece")),
    )
    op.create_index(op.f("ix_transmitted_piece_file_version_id"), "transmitted_piece", ["file_version_id"], unique=False)
    op.create_index(op.f("ix_transmitted_piece_required_piece_id"), "transmitted_piece", ["required_piece_id"], unique=False)
    op.create_index(op.f("ix_transmitted_piece_transmission_id"), "transmitted_piece", ["transmission_id"], unique=False)
    if not is_sqlite:
        op.create_foreign_key("fk_candidature_published_decision_id_decision", "candidature", "decision", ["published_decision_id"], ["id"])
    _keep_history()


def downgrade():
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_candidature_published_decision_id_decision", "candidature", type_="foreignkey")
    op.drop_index(op.f("ix_transmitted_piece_transmission_id"), table_name="transmitted_piece")
    op.drop_index(op.f("ix_transmitted_piece_required_piece_id"), table_name="transmitted_piece")
    op.drop_index(op.f("ix_transmitted_piece_file_version_id"), table_name="transmitted_piece")
    op.drop_table("transmitted_piece")
    op.drop_index(op.f("ix_submitted_piece_reviewed_by_id"), table_name="submitted_piece")
    op.drop_index(op.f("ix_submitted_piece_required_piece_id"), table_name="submitted_piece")
    op.drop_index(op.f("ix_submitted_piece_file_version_id"), table_name="submitted_piece")
    op.drop_index(op.f("ix_submitted_piece_candidature_id"), table_name="submitted_piece")
    op.drop_table("submitted_piece")
    op.drop_index(op.f("ix_opinion_score_opinion_id"), table_name="opinion_score")
    op.drop_index(op.f("ix_opinion_score_criterion_id"), table_name="opinion_score")
    op.drop_table("opinion_score")
    op.drop_index(
        "uq_letter_live", table_name="letter", postgresql_where=sa.text("revoked_at IS NULL"), sqlite_where=sa.text("revoked_at IS NULL")
    )
    op.drop_index(op.f("ix_letter_issued_at"), table_name="letter")
    op.drop_index(op.f("ix_letter_decision_id"), table_name="letter")
    op.drop_index(op.f("ix_letter_candidature_id"), table_name="letter")
    op.drop_table("letter")
    op.drop_index("ix_job_line_state", table_name="job_line")
    op.drop_index(op.f("ix_job_line_job_id"), table_name="job_line")
    op.drop_index(op.f("ix_job_line_event_id"), table_name="job_line")
    op.drop_index(op.f("ix_job_line_candidature_id"), table_name="job_line")
    op.drop_table("job_line")
    op.drop_index(op.f("ix_form_answer_response_id"), table_name="form_answer")
    op.drop_index(op.f("ix_form_answer_form_field_id"), table_name="form_answer")
    op.drop_index("ix_form_answer_field_text", table_name="form_answer")
    op.drop_table("form_answer")
    op.drop_index(op.f("ix_file_version_deposit_id"), table_name="file_version")
    op.drop_index(op.f("ix_file_version_created_at"), table_name="file_version")
    op.drop_index(op.f("ix_file_version_check_state"), table_name="file_version")
    op.drop_table("file_version")
    op.drop_index(op.f("ix_transmission_candidature_id"), table_name="transmission")
    op.drop_table("transmission")
    op.drop_index(op.f("ix_recusal_staff_member_id"), table_name="recusal")
    op.drop_index(op.f("ix_recusal_candidature_id"), table_name="recusal")
    op.drop_index(op.f("ix_recusal_at"), table_name="recusal")
    op.drop_table("recusal")
    op.drop_index("ix_promotion_offering_state", table_name="promotion")
    op.drop_index(op.f("ix_promotion_offering_id"), table_name="promotion")
    op.drop_index(op.f("ix_promotion_freed_by_id"), table_name="promotion")
    op.drop_index(op.f("ix_promotion_decided_by_id"), table_name="promotion")
    op.drop_index(op.f("ix_promotion_candidature_id"), table_name="promotion")
    op.drop_index(op.f("ix_promotion_at"), table_name="promotion")
    op.drop_table("promotion")
    op.drop_index(op.f("ix_photograph_required_piece_id"), table_name="photograph")
    op.drop_index(op.f("ix_photograph_created_at"), table_name="photograph")
    op.drop_index(op.f("ix_photograph_candidature_id"), table_name="photograph")
    op.drop_table("photograph")
    op.drop_index(op.f("ix_outbox_message_state"), table_name="outbox_message")
    op.drop_index(op.f("ix_outbox_message_kind"), table_name="outbox_message")
    op.drop_index("ix_outbox_message_due", table_name="outbox_message")
    op.drop_index(op.f("ix_outbox_message_created_at"), table_name="outbox_message")
    op.drop_index(op.f("ix_outbox_message_candidature_id"), table_name="outbox_message")
    op.drop_index(op.f("ix_outbox_message_candidate_id"), table_name="outbox_message")
    op.drop_table("outbox_message")
    op.drop_index(op.f("ix_opinion_staff_member_id"), table_name="opinion")
    op.drop_index(op.f("ix_opinion_candidature_id"), table_name="opinion")
    op.drop_index(op.f("ix_opinion_at"), table_name="opinion")
    op.drop_table("opinion")
    op.drop_index(op.f("ix_note_candidature_id"), table_name="note")
    op.drop_index(op.f("ix_note_author_id"), table_name="note")
    op.drop_index(op.f("ix_note_at"), table_name="note")
    op.drop_table("note")
    op.drop_index(op.f("ix_form_response_form_version_id"), table_name="form_response")
    op.drop_index(op.f("ix_form_response_form_id"), table_name="form_response")
    op.drop_index(op.f("ix_form_response_candidature_id"), table_name="form_response")
    op.drop_index(op.f("ix_form_response_candidate_id"), table_name="form_response")
    op.drop_table("form_response")
    op.drop_index(op.f("ix_enrolment_line_state"), table_name="enrolment_line")
    op.drop_index(op.f("ix_enrolment_line_proposal_id"), table_name="enrolment_line")
    op.drop_table("enrolment_line")
    op.drop_index(
        "uq_deposit_shared",
        table_name="deposit",
        postgresql_where=sa.text("candidature_id IS NULL"),
        sqlite_where=sa.text("candidature_id IS NULL"),
    )
    op.drop_index(op.f("ix_deposit_piece_type_id"), table_name="deposit")
    op.drop_index(op.f("ix_deposit_candidature_id"), table_name="deposit")
    op.drop_index(op.f("ix_deposit_candidate_id"), table_name="deposit")
    op.drop_table("deposit")
    op.drop_index(
        "uq_decision_draft",
        table_name="decision",
        postgresql_where=sa.text("stage <> 'PUBLISHED'"),
        sqlite_where=sa.text("stage <> 'PUBLISHED'"),
    )
    op.drop_index(op.f("ix_decision_validated_by_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_stage"), table_name="decision")
    op.drop_index(op.f("ix_decision_reason_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_published_by_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_decision_type_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_created_by_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_created_at"), table_name="decision")
    op.drop_index(op.f("ix_decision_candidature_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_candidature_tag_tag_id"), table_name="candidature_tag")
    op.drop_table("candidature_tag")
    op.drop_index(op.f("ix_candidature_event_candidature_id"), table_name="candidature_event")
    op.drop_index(op.f("ix_candidature_event_actor_id"), table_name="candidature_event")
    op.drop_index(op.f("ix_candidature_event_action"), table_name="candidature_event")
    op.drop_table("candidature_event")
    op.drop_index(op.f("ix_user_session_user_id"), table_name="user_session")
    op.drop_index(op.f("ix_user_session_created_at"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_index(op.f("ix_required_piece_piece_type_id"), table_name="required_piece")
    op.drop_index(op.f("ix_required_piece_offering_id"), table_name="required_piece")
    op.drop_index(op.f("ix_required_piece_centre_id"), table_name="required_piece")
    op.drop_index(op.f("ix_required_piece_campaign_id"), table_name="required_piece")
    op.drop_table("required_piece")
    op.drop_index(op.f("ix_required_form_offering_id"), table_name="required_form")
    op.drop_index(op.f("ix_required_form_form_id"), table_name="required_form")
    op.drop_index(op.f("ix_required_form_centre_id"), table_name="required_form")
    op.drop_index(op.f("ix_required_form_campaign_id"), table_name="required_form")
    op.drop_table("required_form")
    op.drop_index(op.f("ix_job_kind"), table_name="job")
    op.drop_index("ix_job_due", table_name="job")
    op.drop_index(op.f("ix_job_created_by_id"), table_name="job")
    op.drop_index(op.f("ix_job_created_at"), table_name="job")
    op.drop_table("job")
    op.drop_index(op.f("ix_identity_user_id"), table_name="identity")
    op.drop_table("identity")
    op.drop_index(
        "uq_candidature_live",
        table_name="candidature",
        postgresql_where=sa.text("cancelled_at IS NULL"),
        sqlite_where=sa.text("cancelled_at IS NULL"),
    )
    op.drop_index(op.f("ix_candidature_withdrawal_reason_id"), table_name="candidature")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_index(
            "ix_candidature_search_trigrams",
            table_name="candidature",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        )
    op.drop_index(op.f("ix_candidature_outcome"), table_name="candidature")
    op.drop_index("ix_candidature_offering_status", table_name="candidature")
    op.drop_index(op.f("ix_candidature_offering_id"), table_name="candidature")
    op.drop_index(op.f("ix_candidature_file_status"), table_name="candidature")
    op.drop_index(op.f("ix_candidature_created_at"), table_name="candidature")
    op.drop_index(op.f("ix_candidature_candidate_id"), table_name="candidature")
    op.drop_index(op.f("ix_candidature_campaign_id"), table_name="candidature")
    op.drop_index(op.f("ix_candidature_answer"), table_name="candidature")
    op.drop_table("candidature")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor_id"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_account_token_user_id"), table_name="account_token")
    op.drop_index(op.f("ix_account_token_created_at"), table_name="account_token")
    op.drop_table("account_token")
    op.drop_index(op.f("ix_work_experience_candidate_id"), table_name="work_experience")
    op.drop_table("work_experience")
    op.drop_index("uq_user_account_email_lower", table_name="user_account")
    op.drop_index(op.f("ix_user_account_created_at"), table_name="user_account")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_profile_confirmation_confirmed_at"), table_name="profile_confirmation")
    op.drop_index(op.f("ix_profile_confirmation_candidate_id"), table_name="profile_confirmation")
    op.drop_index(op.f("ix_profile_confirmation_campaign_id"), table_name="profile_confirmation")
    op.drop_table("profile_confirmation")
    op.drop_index(op.f("ix_offering_scoring_grid_id"), table_name="offering")
    op.drop_index(op.f("ix_offering_formation_id"), table_name="offering")
    op.drop_index(op.f("ix_offering_commission_id"), table_name="offering")
    op.drop_index(op.f("ix_offering_campaign_id"), table_name="offering")
    op.drop_index(op.f("ix_offering_admitted_type_id"), table_name="offering")
    op.drop_table("offering")
    op.drop_index(op.f("ix_internship_candidate_id"), table_name="internship")
    op.drop_table("internship")
    op.drop_index(op.f("ix_internal_record_candidate_id"), table_name="internal_record")
    op.drop_table("internal_record")
    op.drop_index(op.f("ix_form_field_form_version_id"), table_name="form_field")
    op.drop_table("form_field")
    op.drop_index(op.f("ix_external_record_country_code"), table_name="external_record")
    op.drop_index(op.f("ix_external_record_candidate_id"), table_name="external_record")
    op.drop_table("external_record")
    op.drop_index(op.f("ix_enrolment_proposal_created_at"), table_name="enrolment_proposal")
    op.drop_index(op.f("ix_enrolment_proposal_candidate_id"), table_name="enrolment_proposal")
    op.drop_index(op.f("ix_enrolment_proposal_campaign_id"), table_name="enrolment_proposal")
    op.drop_table("enrolment_proposal")
    op.drop_index(op.f("ix_baccalaureat_series_code"), table_name="baccalaureat")
    op.drop_index(op.f("ix_baccalaureat_mention_code"), table_name="baccalaureat")
    op.drop_index(op.f("ix_baccalaureat_department_code"), table_name="baccalaureat")
    op.drop_index(op.f("ix_baccalaureat_country_code"), table_name="baccalaureat")
    op.drop_index(op.f("ix_baccalaureat_commune_code"), table_name="baccalaureat")
    op.drop_table("baccalaureat")
    op.drop_index(op.f("ix_address_country_code"), table_name="address")
    op.drop_index(op.f("ix_address_commune_code"), table_name="address")
    op.drop_table("address")
    op.drop_index(op.f("ix_rights_grant_staff_member_id"), table_name="rights_grant")
    op.drop_index(op.f("ix_rights_grant_profile_id"), table_name="rights_grant")
    op.drop_index(op.f("ix_rights_grant_commission_id"), table_name="rights_grant")
    op.drop_index(op.f("ix_rights_grant_centre_id"), table_name="rights_grant")
    op.drop_table("rights_grant")
    op.drop_index(op.f("ix_postal_code_commune_code"), table_name="postal_code")
    op.drop_table("postal_code")
    op.drop_index(op.f("ix_formation_diploma_type_id"), table_name="formation")
    op.drop_index(op.f("ix_formation_commission_id"), table_name="formation")
    op.drop_table("formation")
    op.drop_index(op.f("ix_form_version_form_id"), table_name="form_version")
    op.drop_index(op.f("ix_form_version_created_at"), table_name="form_version")
    op.drop_table("form_version")
    op.drop_index(op.f("ix_decision_type_mail_template_id"), table_name="decision_type")
    op.drop_index(op.f("ix_decision_type_letter_template_id"), table_name="decision_type")
    op.drop_index(op.f("ix_decision_type_centre_id"), table_name="decision_type")
    op.drop_table("decision_type")
    op.drop_index(op.f("ix_criterion_grid_id"), table_name="criterion")
    op.drop_table("criterion")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_index(
            "ix_candidate_search_trigrams", table_name="candidate", postgresql_using="gin", postgresql_ops={"search_text": "gin_trgm_ops"}
        )
    op.drop_index(op.f("ix_candidate_nationality_code"), table_name="candidate")
    op.drop_index("ix_candidate_name", table_name="candidate")
    op.drop_index(op.f("ix_candidate_created_at"), table_name="candidate")
    op.drop_index(op.f("ix_candidate_birth_department_code"), table_name="candidate")
    op.drop_index(op.f("ix_candidate_birth_country_code"), table_name="candidate")
    op.drop_index(op.f("ix_candidate_birth_commune_code"), table_name="candidate")
    op.drop_table("candidate")
    op.drop_index(op.f("ix_tag_centre_id"), table_name="tag")
    op.drop_table("tag")
    op.drop_index(op.f("ix_scoring_grid_centre_id"), table_name="scoring_grid")
    op.drop_table("scoring_grid")
    op.drop_index(op.f("ix_saved_view_owner_id"), table_name="saved_view")
    op.drop_table("saved_view")
    op.drop_index(op.f("ix_profile_right_profile_id"), table_name="profile_right")
    op.drop_table("profile_right")
    op.drop_index(op.f("ix_piece_type_centre_id"), table_name="piece_type")
    op.drop_table("piece_type")
    op.drop_index(op.f("ix_letter_template_centre_id"), table_name="letter_template")
    op.drop_table("letter_template")
    op.drop_index(op.f("ix_form_centre_id"), table_name="form")
    op.drop_table("form")
    op.drop_index(op.f("ix_decision_reason_centre_id"), table_name="decision_reason")
    op.drop_table("decision_reason")
    op.drop_index(op.f("ix_commune_department_code"), table_name="commune")
    op.drop_table("commune")
    op.drop_index(op.f("ix_commission_centre_id"), table_name="commission")
    op.drop_table("commission")
    op.drop_index(op.f("ix_canned_comment_centre_id"), table_name="canned_comment")
    op.drop_table("canned_comment")
    op.drop_table("staff_member")
    op.drop_table("silence_alert")
    op.drop_table("rights_profile")
    op.drop_index(op.f("ix_parameter_updated_at"), table_name="parameter")
    op.drop_table("parameter")
    op.drop_table("mail_template")
    op.drop_index(op.f("ix_issued_dossier_number_issued_at"), table_name="issued_dossier_number")
    op.drop_table("issued_dossier_number")
    op.drop_table("heartbeat")
    op.drop_table("diploma_type")
    op.drop_table("department")
    op.drop_table("country")
    op.drop_table("centre")
    op.drop_index("uq_campaign_running", table_name="campaign", postgresql_where=sa.text("is_running"), sqlite_where=sa.text("is_running"))
    op.drop_table("campaign")
    op.drop_table("batch_schedule")
    op.drop_index(op.f("ix_batch_run_started_at"), table_name="batch_run")
    op.drop_table("batch_run")
    op.drop_table("bac_series")
    op.drop_table("bac_mention")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_rewriting()")


# What each history may still lose: the values that a purge erases (never changed for others), and the account behind an act.
KEPT = {
    "candidature_event": (
        "id candidature_id sequence at action actor_kind before after details_digest previous_digest digest",
        ("details IS NULL AND details_salt IS NULL", "details details_salt"),
        ("actor_id IS NULL", "actor_id"),
        ("command_key IS NULL", "command_key"),
    ),
    "audit_entry": (
        "id at action entity entity_id",
        ("changes IS NULL AND reason IS NULL AND salt IS NULL AND actor_name = ''", "changes reason salt actor_name"),
        ("actor_id IS NULL", "actor_id"),
        ("@OLD.digest IS NULL", "sequence values_digest previous_digest digest"),
    ),
}


def _unaltered(columns):
    return " AND ".join(f'NEW."{name}" IS NOT DISTINCT FROM OLD."{name}"' for name in columns.split())


def _allowed(fixed, *erasable):
    """Return the SQL condition of a permitted UPDATE: fixed columns as they were, each other group as it was or erased."""
    parts = [_unaltered(fixed)]
    for condition, columns in erasable:
        emptied = condition[1:] if condition[0] == "@" else " AND ".join(f"NEW.{part}" for part in condition.split(" AND "))
        parts.append(f"(({emptied}) OR ({_unaltered(columns)}))")
    return " AND ".join(parts)


def _keep_history():
    """Have the database itself refuse that a history be rewritten, shortened or emptied."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute(
            "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
    for table, columns in KEPT.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END" if is_sqlite else "EXECUTE FUNCTION refuse_rewriting()"
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {refuse}")
        op.execute(f"CREATE TRIGGER {table}_unaltered BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NOT ({_allowed(*columns)})) {refuse}")
        if not is_sqlite:
            op.execute(f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
