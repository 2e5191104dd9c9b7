"""Everything the application says to people: catalogue, wording, outbox, delivery."""
