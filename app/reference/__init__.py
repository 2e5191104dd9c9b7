"""Reference data shipped with the application, loaded into its tables once and again after each refresh."""

import csv
from pathlib import Path

from sqlalchemy import insert, inspect, select, update

from app.models import BacMention, BacSeries, Commune, Country, Department, PostalCode

DATA = Path(__file__).parent / "data"


def load(session):
    """Bring the reference tables to what the files say; a second run changes nothing.

    A row that the files no longer hold stays, because a profile may point to it; a series of baccalauréat that is
    already there stays as it is, because the config editor may have changed it. The caller commits.

    Args:
        session: the session to write with.

    Returns:
        {table: number of rows added or changed}.
    """
    communes = _rows("communes")
    return {
        "country": _upsert(session, Country, map(_country, _rows("countries"))),
        "department": _upsert(session, Department, _rows("departments")),
        "commune": _upsert(session, Commune, map(_commune, communes)),
        "postal_code": _upsert(session, PostalCode, _postal_codes(communes)),
        "bac_series": _upsert(session, BacSeries, map(_series, _rows("bac_series")), refresh=False),
        "bac_mention": _upsert(session, BacMention, map(_mention, _rows("bac_mentions"))),
    }


def commune_names():
    """Return the official name of every commune."""
    return [row["name"] for row in _rows("communes")]


def _rows(name):
    with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";", quoting=csv.QUOTE_NONE))


def _both(row, name):
    return {"fr": row[f"{name}_fr"], "en": row[f"{name}_en"]}


def _country(row):
    return {"code": row["code"], "name": _both(row, "name"), "nationality": _both(row, "nationality")}


def _commune(row):
    return {"code": row["code"], "name": row["name"], "department_code": row["department"]}


def _postal_codes(communes):
    return [{"postal_code": code, "commune_code": row["code"]} for row in communes for code in row["postal_codes"].split()]


def _series(row):
    years = {name: int(row[name]) if row[name] else None for name in ("valid_from", "valid_to")}
    return {"code": row["code"], "label": _both(row, "label"), "is_baccalaureat": row["is_bac"] == "1", **years}


def _mention(row):
    return {"code": row["code"], "label": _both(row, "label")}


def _upsert(session, model, rows, *, refresh=True):
    rows = list(rows)
    names, key = list(rows[0]), [column.key for column in inspect(model).primary_key]
    known = {tuple(getattr(row, name) for name in key): row for row in session.execute(select(*(getattr(model, name) for name in names)))}
    added, changed = [], []
    for row in rows:
        there = known.get(tuple(row[name] for name in key))
        if there is None:
            added.append(row)
        elif refresh and any(getattr(there, name) != row[name] for name in names):
            changed.append(row)
    if added:
        session.execute(insert(model), added)
    if changed:
        session.execute(update(model), changed)
    return len(added) + len(changed)
