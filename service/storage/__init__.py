"""The database: tables, migrations, queries, the journal; a product's own tables."""
