"""Writes docs/workflow.md and docs/data-dictionary.md from the code, so that they cannot drift."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app import parameters, transitions  # noqa: E402 -- needs the path above
from app.extensions import db  # noqa: E402
from app.models import User  # noqa: E402, F401 -- loads every table

sys.path.insert(0, str(ROOT / "scripts"))
import former_parameters  # noqa: E402

WHO = {"CANDIDATE": "le candidat", "STAFF": "le gestionnaire", "SYSTEM": "le système"}


def workflow_page():
    """Return the table of transitions and a diagram of each axis, in Markdown."""
    lines = [
        "# Le parcours d'une candidature", "", "Page écrite par `make docs` d'après `app/transitions.py` : ne pas la modifier à la main.", "",
        "L'état d'une candidature a plusieurs axes indépendants : dossier, traitement, avis en préparation, avis publié, réponse, annulation.", "",
        "| acte | verbe | qui | droit | depuis | vers | message | se défait par |", "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(act) for act in transitions.TRANSITIONS.values()]
    for axis in ("file_status", "draft", "outcome", "answer"):
        lines += ["", f"## Axe `{axis}`", "", "```mermaid", "stateDiagram-v2", *_arrows(axis), "```"]
    return "\n".join(lines) + "\n"


def _row(act):
    source = "; ".join(f"{axis} ∈ {{{', '.join(_word(v) for v in values)}}}" for axis, values in act.source.items() if axis != "cancelled")
    target = "; ".join(f"{axis} = {_word(value)}" for axis, value in act.target.items())
    who = ", ".join(WHO[kind] for kind in sorted(act.who))
    return f"| `{act.name}` | {act.verb} | {who} | {act.right or ''} | {source} | {target} | {act.message or ''} | {act.undo or ''} |"


def _word(value):
    return "–" if value is None else str(value)


def _arrows(axis):
    arrows = []
    for act in transitions.TRANSITIONS.values():
        if axis in act.target:
            for before in act.source.get(axis, (None,)):
                arrows.append(f"    {_node(before)} --> {_node(act.target[axis])}: {act.name}")
    return sorted(set(arrows))


def _node(value):
    return {None: "aucun", transitions.CHOSEN: "avis_choisi", transitions.RESTORED: "etat_precedent"}.get(value, str(value))


def dictionary_page():
    """Return every table and column, with the words people read, in Markdown."""
    lines = ["# Dictionnaire des données", "", "Page écrite par `make docs` d'après `app/models.py` : ne pas la modifier à la main.", ""]
    for mapper in sorted(db.Model.registry.mappers, key=lambda mapper: mapper.class_.__name__):
        words = " ".join((mapper.class_.__doc__ or "").split())
        lines += [f"## {mapper.class_.__name__} (`{mapper.local_table.name}`)", "", words if not words.startswith(mapper.class_.__name__ + "(") else "", "", "| colonne | type | vide | libellé | personnelle |", "|---|---|---|---|---|"]
        for column in mapper.local_table.columns:
            info = column.info or {}
            lines.append(f"| `{column.name}` | {_type(column)} | {'oui' if column.nullable else ''} | {info.get('label', '')} | {'oui' if info.get('personal') else ''} |")
        lines.append("")
    return "\n".join(lines)


def _type(column):
    enum = getattr(column.type, "enum_class", None)
    return enum.__name__ if enum else type(column.type).__name__


def pages():
    """Return {path: text} of the generated pages."""
    return {ROOT / "docs" / "workflow.md": workflow_page(), ROOT / "docs" / "data-dictionary.md": dictionary_page(),
            ROOT / "docs" / "parameters.md": former_parameters.page(parameters.DEFINITIONS, parameters.THEMES)}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
