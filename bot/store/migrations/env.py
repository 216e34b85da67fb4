"""What Alembic runs to bring a database to another version; the connection, with its transaction, is handed to it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
