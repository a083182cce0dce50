"""From linked canonical records to a population folder, with the receipts, rights and signals that detection reads."""
