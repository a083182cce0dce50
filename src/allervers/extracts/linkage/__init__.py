"""Which records of different partners are one person: zones, ledger with evidence, undo. See docs/linkage.md."""
