"""The use cases: check, change, record, announce; the caller commits."""
