"""What Leadloop remembers: models, migrations, transactions and named reads."""
