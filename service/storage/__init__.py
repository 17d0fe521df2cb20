"""The database: tables, migrations, queries, the record; a product's own tables."""
