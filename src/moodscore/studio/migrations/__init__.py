"""Migrations: how a studio's database of an older version becomes one of this version. No alembic.ini is needed.

Whoever changes a table writes versions/v<next number>_<what>.py in the manner of Alembic; tests/studio/test_tables.py says
what it lacks. A migration runs inside one transaction; on SQLite changes of columns go through `op.batch_alter_table`.
"""
