"""What Alembic runs: the migrations, on the connection that `tables.upgrade` holds, inside its transaction."""

from __future__ import annotations

from alembic import context

from moodscore.studio import tables
from moodscore.studio.db import Base

assert tables.NOUNS  # every table is known now
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
