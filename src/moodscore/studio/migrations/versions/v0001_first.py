"""The first release: every table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
# Several columns stand on a line, so that a table is read at a glance.
# fmt: off


def upgrade() -> None:
    """Make the database what this version needs."""
    _audit_log()
    _durations()
    _holding_words()
    _media_files()
    _users()
    _workers()
    _blocks()
    _filtered_words()
    _follows()
    _invites()
    _login_sessions()
    _mutes()
    _posts()
    _reports()
    _bookmarks()
    _comments()
    _likes()
    _made()
    _orders()
    _post_tags()
    _tunes()
    _notifications()


def _audit_log() -> None:
    op.create_table("audit_log",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("actor", sa.String(length=30), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False), sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log"))
    )


def _durations() -> None:
    op.create_table("durations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=30), nullable=False), sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_durations"))
    )
    op.create_index("ix_durations_step", "durations", ["step", "created_at"], unique=False)


def _holding_words() -> None:
    op.create_table("holding_words",
        sa.Column("word", sa.String(length=60), nullable=False), sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_holding_words"))
    )


def _media_files() -> None:
    op.create_table("media_files",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False), sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files"))
    )


def _users() -> None:
    op.create_table("users",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("handle", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False), sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False), sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("avatar", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("notified_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("handle", name=op.f("uq_users_handle"))
    )
    op.create_index(op.f("ix_users_state"), "users", ["state"], unique=False)


def _workers() -> None:
    op.create_table("workers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False), sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False), sa.Column("beat_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers"))
    )
    op.create_index(op.f("ix_workers_beat_at"), "workers", ["beat_at"], unique=False)


def _blocks() -> None:
    op.create_table("blocks",
        sa.Column("blocker_id", sa.String(length=26), nullable=False),
        sa.Column("blocked_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["blocked_id"], ["users.id"], name=op.f("fk_blocks_blocked_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blocker_id"], ["users.id"], name=op.f("fk_blocks_blocker_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("blocker_id", "blocked_id", name=op.f("pk_blocks"))
    )
    op.create_index(op.f("ix_blocks_blocked_id"), "blocks", ["blocked_id"], unique=False)


def _filtered_words() -> None:
    op.create_table("filtered_words",
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_filtered_words_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "word", name=op.f("pk_filtered_words"))
    )


def _follows() -> None:
    op.create_table("follows",
        sa.Column("follower_id", sa.String(length=26), nullable=False),
        sa.Column("followed_id", sa.String(length=26), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False), sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["followed_id"], ["users.id"], name=op.f("fk_follows_followed_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["follower_id"], ["users.id"], name=op.f("fk_follows_follower_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("follower_id", "followed_id", name=op.f("pk_follows"))
    )
    op.create_index(op.f("ix_follows_followed_id"), "follows", ["followed_id"], unique=False)


def _invites() -> None:
    op.create_table("invites",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=26), nullable=True),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("used_by", sa.String(length=26), nullable=True), sa.Column("used_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False), sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_invites_made_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["used_by"], ["users.id"], name=op.f("fk_invites_used_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites"))
    )


def _login_sessions() -> None:
    op.create_table("login_sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False), sa.Column("seen_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_login_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions"))
    )
    op.create_index(op.f("ix_login_sessions_user_id"), "login_sessions", ["user_id"], unique=False)


def _mutes() -> None:
    op.create_table("mutes",
        sa.Column("muter_id", sa.String(length=26), nullable=False),
        sa.Column("muted_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["muted_id"], ["users.id"], name=op.f("fk_mutes_muted_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["muter_id"], ["users.id"], name=op.f("fk_mutes_muter_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("muter_id", "muted_id", name=op.f("pk_mutes"))
    )


def _posts() -> None:
    op.create_table("posts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=True),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False), sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("alt_by_machine", sa.Boolean(), nullable=False), sa.Column("captions", sa.JSON(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False), sa.Column("valence", sa.Double(), nullable=False),
        sa.Column("arousal", sa.Double(), nullable=False), sa.Column("mood", sa.String(length=20), nullable=False),
        sa.Column("hue", sa.Double(), nullable=False), sa.Column("originals", sa.JSON(), nullable=False),
        sa.Column("renditions", sa.JSON(), nullable=False), sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False), sa.Column("blur", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False), sa.Column("trajectory", sa.JSON(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False), sa.Column("tune_id", sa.String(length=26), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False), sa.Column("allows_remix", sa.Boolean(), nullable=False),
        sa.Column("remix_of", sa.String(length=26), nullable=True),
        sa.Column("remix_kind", sa.String(length=10), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=False), sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False), sa.Column("published_at", sa.Double(), nullable=True),
        sa.Column("edited_at", sa.Double(), nullable=True), sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("share", sa.Double(), nullable=False), sa.Column("eta_s", sa.Double(), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=False), sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False), sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(length=40), nullable=False), sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_posts_author_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["remix_of"], ["posts.id"], name=op.f("fk_posts_remix_of"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts"))
    )
    op.create_index("ix_posts_author_feed", "posts", ["author_id", "state", "published_at"], unique=False)
    op.create_index(op.f("ix_posts_author_id"), "posts", ["author_id"], unique=False)
    op.create_index("ix_posts_feed", "posts", ["state", "published_at", "id"], unique=False)
    op.create_index(op.f("ix_posts_remix_of"), "posts", ["remix_of"], unique=False)
    op.create_index(op.f("ix_posts_state"), "posts", ["state"], unique=False)
    op.create_index(op.f("ix_posts_visitor"), "posts", ["visitor"], unique=False)


def _reports() -> None:
    op.create_table("reports",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("reporter_id", sa.String(length=26), nullable=True),
        sa.Column("target_kind", sa.String(length=10), nullable=False),
        sa.Column("target_id", sa.String(length=26), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False), sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False), sa.Column("handled_at", sa.Double(), nullable=True),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"],
            name=op.f("fk_reports_reporter_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports"))
    )
    op.create_index(op.f("ix_reports_handled_at"), "reports", ["handled_at"], unique=False)
    op.create_index(op.f("ix_reports_target_id"), "reports", ["target_id"], unique=False)


def _bookmarks() -> None:
    op.create_table("bookmarks",
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_bookmarks_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bookmarks_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "post_id", name=op.f("pk_bookmarks"))
    )
    op.create_index(op.f("ix_bookmarks_post_id"), "bookmarks", ["post_id"], unique=False)


def _comments() -> None:
    op.create_table("comments",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("reply_to", sa.String(length=26), nullable=True), sa.Column("text", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False), sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_comments_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reply_to"], ["comments.id"], name=op.f("fk_comments_reply_to"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments"))
    )
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"], unique=False)
    op.create_index(op.f("ix_comments_post_id"), "comments", ["post_id"], unique=False)


def _likes() -> None:
    op.create_table("likes",
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_likes_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_likes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "post_id", name=op.f("pk_likes"))
    )
    op.create_index(op.f("ix_likes_post_id"), "likes", ["post_id"], unique=False)


def _made() -> None:
    op.create_table("made",
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False), sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_made_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "key", name=op.f("pk_made"))
    )


def _orders() -> None:
    op.create_table("orders",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False), sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False), sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False), sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_orders_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders"))
    )
    op.create_index(op.f("ix_orders_post_id"), "orders", ["post_id"], unique=False)
    op.create_index(op.f("ix_orders_state"), "orders", ["state"], unique=False)


def _post_tags() -> None:
    op.create_table("post_tags",
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_tags_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "tag", name=op.f("pk_post_tags"))
    )
    op.create_index(op.f("ix_post_tags_tag"), "post_tags", ["tag"], unique=False)


def _tunes() -> None:
    op.create_table("tunes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("genre", sa.String(length=40), nullable=False), sa.Column("valence", sa.Double(), nullable=False),
        sa.Column("arousal", sa.Double(), nullable=False), sa.Column("heard_valence", sa.Double(), nullable=True),
        sa.Column("heard_arousal", sa.Double(), nullable=True), sa.Column("tempo_bpm", sa.Double(), nullable=False),
        sa.Column("instruments", sa.JSON(), nullable=False), sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("reason_ko", sa.Text(), nullable=False), sa.Column("words_en", sa.Text(), nullable=False),
        sa.Column("words_ko", sa.Text(), nullable=False), sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("composer", sa.String(length=40), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False), sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("peaks", sa.JSON(), nullable=False), sa.Column("roll", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_tunes_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tunes"))
    )
    op.create_index(op.f("ix_tunes_post_id"), "tunes", ["post_id"], unique=False)


def _notifications() -> None:
    op.create_table("notifications",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=True),
        sa.Column("post_id", sa.String(length=26), nullable=True),
        sa.Column("comment_id", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_notifications_actor_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"],
            name=op.f("fk_notifications_comment_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_notifications_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications"))
    )
    op.create_index("ix_notifications_user", "notifications", ["user_id", "created_at"], unique=False)
