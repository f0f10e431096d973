"""What Alembic runs: the steps, on the connection and in the transaction that `database` gives it."""

from alembic import context

from aftershock.store.database import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
