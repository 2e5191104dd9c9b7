"""Makes a back-office screen of every managed model from what the model declares, and nothing else (design §5)."""

from flask_login import current_user
from sqlalchemy import inspect
from sqlalchemy.orm import joinedload

from app import access
from app.admin import list_filters
from app.admin.base import ManagedView
from app.admin.ordered import Ordered, default_sort, is_ordered
from app.admin.references import LARGE, ReferenceField, RowField
from app.enums import Functionality
from app.extensions import db


def models():
    """Return the managed models, in menu order."""
    found = [mapper.class_ for mapper in db.Model.registry.mappers if hasattr(mapper.class_, "__managed__")]
    return sorted(found, key=lambda model: (str(model.__managed__.menu), model.__managed__.order))


def views(special=None):
    """Return one view for each managed model.

    Args:
        special: {model: subclass of ManagedView} for the screens that need more than generation.
    """
    return [view_of(model, (special or {}).get(model, ManagedView)) for model in models()]


def view_of(model, base):
    """Return the view of one model: its class carries what the model says."""
    meta = model.__managed__
    bases = (Ordered, base) if is_ordered(model) else (base,)
    return type(f"{model.__name__}View", bases, attributes(model, base))(
        model, db, name=meta.plural, category=meta.menu, endpoint=model.__name__.lower(), url=f"/gestion/{model.__name__.lower()}"
    )


def attributes(model, base):
    """Return the class attributes of a model's view."""
    meta, infos = model.__managed__, labelled(model)
    relations = {name: info for name, info in infos.items() if name in inspect(model).relationships}
    columns = {name: info for name, info in infos.items() if name not in relations}
    shown = [name for group in (relations, columns) for name, info in group.items() if info["list"]]
    return {
        "functionality": Functionality(meta.right),
        "creates": meta.create,
        "edits": meta.edit,
        "column_list": shown,
        "column_details_list": list(infos),
        "column_export_list": [name for name, info in infos.items() if info["export"]],
        "column_searchable_list": [name for name, info in columns.items() if info["search"]] or base.column_searchable_list,
        "list_filters": list_filters.of(model, shown, infos) if base.has_filters else {},
        "column_sortable_list": [name for name in columns if name in shown],
        "column_default_sort": default_sort(model),
        "column_labels": {name: info["label"] for name, info in infos.items()},
        "form_columns": [name for name, info in infos.items() if info["form"]],
        "form_args": {name: form_arguments(model, name, info) for name, info in infos.items() if info["form"]},
        "form_overrides": {name: ReferenceField if target in LARGE else RowField for name, target in chosen(model, relations).items()},
        "lookups": lookups(model, relations),
        **shut(meta),
        "eager": eager(model, relations),
        "sections": sections(infos),
    }


def labelled(model):
    """Return {attribute: info} of what people may see of a model, in the order of its declaration."""
    mapper = inspect(model)
    declared = {**{c.key: c.info for c in mapper.column_attrs for c in [c.columns[0]]}, **{r.key: r.info for r in mapper.relationships}}
    order = [name for name in (*vars(model), *declared) if name in declared]
    return {name: declared[name] for name in dict.fromkeys(order) if "label" in (declared[name] or {})}


def shut(meta):
    """Return the screens that a model does not have at all: redefined without address (see `ManagedView`)."""
    return {name: None for name, exists in (("create_view", meta.create), ("edit_view", meta.edit)) if not exists}


def form_arguments(model, name, info):
    """Return what a form field is told: its words and, for a relation, the rows the person may choose from."""
    arguments = {"label": info["label"], "description": info["help"] or ""}
    relation = inspect(model).relationships.get(name)
    if relation is None:
        return arguments
    target = relation.mapper.class_
    arguments |= {"query_factory": choices(model, target), "get_label": str}
    if target in LARGE:
        arguments["target"] = target
    return arguments


def lookups(model, relations):
    """Return {relation: (target, rows that may be chosen)} of the relations searched rather than unfolded."""
    return {name: (target, choices(model, target)) for name, target in chosen(model, relations).items() if target in LARGE}


def chosen(model, relations):
    """Return {relation: target} of the relations of a form."""
    return {name: inspect(model).relationships[name].mapper.class_ for name, info in relations.items() if info["form"]}


def choices(model, target):
    """Return a function giving the query of the rows that the signed-in person may point at from a model's form.

    They are those reached through the right that opens this form; what belongs to no centre is open to all who have it.
    """
    right, meta = Functionality(model.__managed__.right), getattr(target, "__managed__", None)

    def query():
        rows = db.session.query(target)
        if meta is not None and meta.scope is not None:
            rows = rows.filter(access.scope_for(target, current_user, right=right))
        if "formation" in inspect(target).relationships:
            rows = rows.options(joinedload(target.formation))
        return rows.order_by(inspect(target).primary_key[0])

    return query


def eager(model, relations):
    """Return the loader options of all that list, details and export show, two levels deep where a name needs it."""
    options = []
    for name in relations:
        option = joinedload(getattr(model, name))
        target = inspect(model).relationships[name].mapper.class_
        if "formation" in inspect(target).relationships:
            option = option.joinedload(target.formation)
        options.append(option)
    return tuple(options)


def sections(infos):
    """Return [(title, [field, …])] in order of first appearance, the untitled fields first."""
    grouped = {}
    for name, info in infos.items():
        if info["form"]:
            grouped.setdefault(info["section"], []).append(name)
    return sorted(grouped.items(), key=lambda group: group[0] is not None)
