"""The one store: tables, engine, the chained ledger of events, migrations."""
