"""Money in MAD: receipts, credit notes and the refund policy."""
