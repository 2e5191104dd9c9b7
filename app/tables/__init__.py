"""The tables by section; `app.models` gives them all by one name."""
