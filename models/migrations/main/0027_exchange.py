"""What the time bank learnt: partners' offers, hands the asker agrees to, debts of who left, months closed, looks."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("exchange_hand", sa.Column("agreed_at", base.Instant(), nullable=True))
    op.execute("UPDATE exchange_hand SET agreed_at = at")
    _partners()
    _debts()
    _months()


def _partners() -> None:
    op.create_table(
        "time_partner",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_time_partner_account_id_time_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_time_partner")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "partner_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=80), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("each_person", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_partner_offer_state")),
        sa.CheckConstraint("taken >= 0 AND taken <= pieces", name=op.f("ck_partner_offer_pieces")),
        sa.CheckConstraint("minutes >= 0 AND each_person > 0", name=op.f("ck_partner_offer_minutes")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_partner_offer_account_id_time_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_offer")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_partner_offer_account_id"), "partner_offer", ["account_id"])
    op.create_index("ix_partner_offer_state_until", "partner_offer", ["state", "until"])
    op.create_table(
        "partner_voucher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("code", base.Sealed("partner_voucher.code"), nullable=True),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'used', 'returned', 'expired')", name=op.f("ck_partner_voucher_state")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["time_hold.id"], name=op.f("fk_partner_voucher_hold_id_time_hold")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["partner_offer.id"], name=op.f("fk_partner_voucher_offer_id_partner_offer")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_partner_voucher_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_partner_voucher_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_voucher")),
        sa.UniqueConstraint("code_index", name=op.f("uq_partner_voucher_code_index")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_partner_voucher_person_id"), "partner_voucher", ["person_id"])
    op.create_index("ix_partner_voucher_offer_id_state", "partner_voucher", ["offer_id", "state"])


def _debts() -> None:
    op.create_table(
        "time_debt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_time_debt_minutes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_debt")),
        sa.UniqueConstraint("mark", name=op.f("uq_time_debt_mark")),
        sqlite_autoincrement=True,
    )


def _months() -> None:
    op.create_table(
        "time_month",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_time_month_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_month")),
        sa.UniqueConstraint("month", name=op.f("uq_time_month_month")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "time_look",
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=5), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.CheckConstraint("result IN ('fine', 'wrong')", name=op.f("ck_time_look_result")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_time_look_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_time_look_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_time_look")),
        sqlite_autoincrement=True,
    )
