"""Run by Alembic for every command; `schema` gives the connection and its transaction."""

from alembic import context

from service.storage.tables import Base

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=Base.metadata,
    version_table=given["version_table"],
    product=given["product"],
    adopting=given["adopting"],
)
with context.begin_transaction():
    context.run_migrations()
