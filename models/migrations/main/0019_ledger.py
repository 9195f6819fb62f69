"""The time bank: accounts, transfers, postings, minutes set aside; requests, offers, hands; stamps and orders."""

import sqlalchemy as sa
from alembic import op

from models import base
from models.ledger_guard import create_guard

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "time_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("minutes_per_point", sa.Integer(), nullable=False),
        sa.Column("credit", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("two_above", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_terms")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "time_transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("once", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_time_transfer_reversal")
        ),
        sa.CheckConstraint(
            "kind IN ('post', 'stamp', 'exchange', 'gift', 'grant', 'reversal', 'close', 'join')",
            name=op.f("ck_time_transfer_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["time_transfer.id"], name=op.f("fk_time_transfer_reverses_id_time_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["staff_member.id"], name=op.f("fk_time_transfer_second_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_time_transfer_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_transfer")),
        sa.UniqueConstraint("once", name=op.f("uq_time_transfer_once")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_time_transfer_reverses_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_time_transfer_at"), "time_transfer", ["at"], unique=False)
    op.create_table(
        "time_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=True),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("opened_at", base.Instant(), nullable=False),
        sa.Column("closed_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('person', 'team', 'organisation', 'pool', 'issue')", name=op.f("ck_time_account_kind")
        ),
        sa.CheckConstraint(
            "state = 'open' OR (balance = 0 AND held = 0)", name=op.f("ck_time_account_empty")
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_time_account_state")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_time_account_held")),
        sa.CheckConstraint("lowest IS NULL OR balance - held >= lowest", name=op.f("ck_time_account_limit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_time_account_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_account")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_time_account_kind_name")),
        sa.UniqueConstraint("person_id", name=op.f("uq_time_account_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "time_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("text", base.Sealed("time_offer.text"), nullable=True),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("told_at", base.Instant(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_time_offer_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_time_offer_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_offer")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_time_offer_category"), "time_offer", ["category"], unique=False)
    op.create_index(
        "uq_time_offer_open",
        "time_offer",
        ["person_id", "category"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "time_words",
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("text", base.Sealed("time_words.text"), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_time_words_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_time_words")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "time_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'captured', 'released')", name=op.f("ck_time_hold_state")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_time_hold_minutes")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_time_hold_account_id_time_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_hold")),
        sa.UniqueConstraint("once", name=op.f("uq_time_hold_once")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_time_hold_account_id"), "time_hold", ["account_id"], unique=False)
    op.create_table(
        "time_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=True),
        sa.Column("taker_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("words", base.Sealed("time_order.words"), nullable=True),
        sa.Column("once", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("decided_at", base.Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('post', 'gift', 'grant', 'reversal')", name=op.f("ck_time_order_kind")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name=op.f("ck_time_order_state")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff_member.id"], name=op.f("fk_time_order_asked_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff_member.id"], name=op.f("fk_time_order_decided_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["time_account.id"], name=op.f("fk_time_order_giver_id_time_account")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["time_transfer.id"], name=op.f("fk_time_order_reverses_id_time_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["taker_id"], ["time_account.id"], name=op.f("fk_time_order_taker_id_time_account")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_time_order_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_order")),
        sa.UniqueConstraint("once", name=op.f("uq_time_order_once")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "time_posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes <> 0", name=op.f("ck_time_posting_minutes")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_time_posting_account_id_time_account")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_time_posting_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_posting")),
        sa.UniqueConstraint("transfer_id", "account_id", name=op.f("uq_time_posting_transfer_id_account_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_time_posting_account_id_id", "time_posting", ["account_id", "id"], unique=False)
    op.create_table(
        "time_stamp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_time_stamp_account_id_time_account")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_time_stamp_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_time_stamp_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_stamp")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_time_stamp_transfer_id"), "time_stamp", ["transfer_id"], unique=False)
    op.create_index(
        "uq_time_stamp_number",
        "time_stamp",
        ["number"],
        unique=True,
        sqlite_where=sa.text("NOT void"),
        postgresql_where=sa.text("NOT void"),
    )
    op.create_table(
        "exchange",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("text", base.Sealed("exchange.text"), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("hands", sa.Integer(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", base.Sealed("exchange.reason"), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("done_at", base.Instant(), nullable=True),
        sa.Column("yes_at", base.Instant(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'matched', 'done', 'paid', 'disputed', 'cancelled', 'expired')",
            name=op.f("ck_exchange_state"),
        ),
        sa.CheckConstraint("minutes > 0 AND hands > 0", name=op.f("ck_exchange_minutes")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_exchange_account_id_time_account")
        ),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"], name=op.f("fk_exchange_asker_id_person")),
        sa.ForeignKeyConstraint(["hold_id"], ["time_hold.id"], name=op.f("fk_exchange_hold_id_time_hold")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_exchange_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_exchange_account_id"), "exchange", ["account_id"], unique=False)
    op.create_index(op.f("ix_exchange_asker_id"), "exchange", ["asker_id"], unique=False)
    op.create_index("ix_exchange_state_wanted_on", "exchange", ["state", "wanted_on"], unique=False)
    op.create_table(
        "exchange_hand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('promised', 'done', 'paid', 'withdrawn')", name=op.f("ck_exchange_hand_state")
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchange.id"], name=op.f("fk_exchange_hand_exchange_id_exchange")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exchange_hand_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_hand")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_exchange_hand_exchange_id"), "exchange_hand", ["exchange_id"], unique=False)
    op.create_index(op.f("ix_exchange_hand_person_id"), "exchange_hand", ["person_id"], unique=False)
    op.create_index(
        "uq_exchange_hand_live",
        "exchange_hand",
        ["exchange_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('promised', 'done')"),
        postgresql_where=sa.text("state IN ('promised', 'done')"),
    )
    create_guard(op.get_bind(), "time_transfer", "time_posting")
