"""Checks of what is asked: pieces and forms that somebody can give, each once, in time."""

from itertools import combinations
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _

from app import formats
from app.enums import AccessTrack, FieldKind
from app.errors import DomainError
from app.models import RequiredPiece
from app.operations import conditions
from app.operations.preflight import played
from app.operations.preflight.registry import BLOCKS, WARNS, check
from app.storage import vault


@check("no_piece", WARNS)
def no_piece(scene):
    if not any(row.piece_type.is_active for row in scene.pieces):
        yield _("Aucune pièce n’est demandée dans cette campagne : demandez-en une, si un dossier doit en avoir."), RequiredPiece


@check("piece_twice", WARNS)
def piece_twice(scene):
    words = _("« %(name)s » est demandée deux fois au même dossier (%(where)s) : retirez l’une des deux demandes.")
    for row, _other in _doubles(scene, scene.pieces, "piece_type_id"):
        yield str(words) % {"name": formats.translated(row.piece_type.name), "where": _where(row)}, row


@check("form_twice", WARNS)
def form_twice(scene):
    words = _("Le formulaire « %(name)s » est demandé deux fois au même dossier (%(where)s) : retirez l’une des deux demandes.")
    for row, _other in _doubles(scene, scene.forms, "form_id"):
        yield str(words) % {"name": formats.translated(row.form.name), "where": _where(row)}, row


@check("piece_off", WARNS)
def piece_off(scene):
    words = _(
        "« %(name)s » est demandée, mais ce type de pièce est hors service : personne ne la verra. Remettez-le en service, ou retirez la demande."
    )
    for row in scene.pieces:
        if not row.piece_type.is_active:
            yield str(words) % {"name": formats.translated(row.piece_type.name)}, row.piece_type


@check("form_off", WARNS)
def form_off(scene):
    words = _(
        "Le formulaire « %(name)s » est demandé, mais hors service : personne ne le verra. Remettez-le en service, ou retirez la demande."
    )
    for row in scene.forms:
        if not row.form.is_active:
            yield str(words) % {"name": formats.translated(row.form.name)}, row.form


@check("piece_deadline_early", BLOCKS)
def piece_deadline_early(scene):
    words = _("« %(name)s » est à déposer avant le %(day)s, quand personne ne peut encore candidater : changez cette date.")
    for row in scene.pieces:
        opens = [offering.opening for offering in aimed(scene, row) if offering.opening is not None]
        first = max(scene.campaign.starts_at, min(opens, default=scene.campaign.starts_at))
        if row.deadline is not None and row.deadline <= first:
            yield str(words) % {"name": formats.translated(row.piece_type.name), "day": formats.deadline(row.deadline)}, row


@check("piece_deadline_late", WARNS)
def piece_deadline_late(scene):
    words = _("« %(name)s » est à déposer avant le %(day)s, après la date de retour de %(formation)s : changez l’une des deux dates.")
    for row in scene.pieces:
        late = (
            offering
            for offering in aimed(scene, row)
            if row.deadline and (offering.return_deadline or offering.closing or row.deadline) < row.deadline
        )
        first = next(late, None)
        if first is not None:
            named = {
                "name": formats.translated(row.piece_type.name),
                "day": formats.deadline(row.deadline),
                "formation": first.formation.name,
            }
            yield str(words) % named, row


@check("asked_of_none", WARNS)
def asked_of_none(scene):
    words = _(
        "« %(name)s » est demandé pour un centre ou une formation que les candidats ne verront pas : retirez la demande, ou changez-la."
    )
    for row in (*scene.pieces, *scene.forms):
        if (row.centre_id or row.offering_id) and scene.published and not aimed(scene, row):
            yield str(words) % {"name": _name(row)}, row


@check("piece_model_missing", BLOCKS)
def piece_model_missing(scene):
    words = _("« %(name)s » annonce un modèle à remplir, mais son fichier manque : déposez-le à nouveau.")
    for kind in {row.piece_type_id: row.piece_type for row in scene.pieces}.values():
        announced = kind.template_key or kind.template_name
        if kind.is_active and announced and not _is_kept(kind.template_key):
            yield str(words) % {"name": formats.translated(kind.name)}, kind


def _is_kept(key):
    try:
        return bool(key) and vault().exists(key)
    except ValueError:  # no key of a vault
        return False


@check("audience_nobody", WARNS)
def audience_nobody(scene):
    words = _("« %(name)s » : aucune des personnes types ne réunit ces conditions. Vérifiez de qui elle est demandée.")
    people = played.everybody()
    for row in (*scene.pieces, *scene.forms):
        if not any(played.reaches(row, person) for person in people):
            yield str(words) % {"name": _name(row)}, row


# --- forms ---


@check("form_empty", BLOCKS)
def form_empty(scene):
    words = _("Le formulaire « %(name)s » n’a aucune question publiée : publiez-en, ou retirez la demande.")
    for form in native(scene):
        if all(field.kind == FieldKind.SECTION for field in questions(form)):
            yield str(words) % {"name": formats.translated(form.name)}, form


@check("form_question", BLOCKS)
def form_question(scene):
    for form in native(scene):
        for field in questions(form):
            yield from _refused(form, conditions.check_alone, field)


@check("form_condition", BLOCKS)
def form_condition(scene):
    for form in native(scene):
        earlier = {}
        for field in conditions.in_order(questions(form)):
            yield from _refused(form, conditions.check_condition, field, earlier)
            earlier[field.key] = field


@check("form_address", BLOCKS)
def form_address(scene):
    words = _("Le formulaire « %(name)s » se remplit à une adresse illisible (%(url)s) : corrigez-la.")
    for form in used(scene):
        parts = urlsplit(form.url) if form.url else None
        if parts is not None and not (parts.scheme in ("http", "https") and parts.netloc):
            yield str(words) % {"name": formats.translated(form.name), "url": form.url}, form


def used(scene):
    """Return the forms in service that somebody is asked to fill, each once."""
    return [form for form in {row.form_id: row.form for row in scene.forms}.values() if form.is_active]


def native(scene):
    return [form for form in used(scene) if not form.url]


def questions(form):
    """Return the questions of the published version of a form."""
    published = [version for version in form.versions if not version.is_draft]
    return published[-1].fields if published else []


def _refused(form, rule, *arguments):
    try:
        rule(*arguments)
    except DomainError as refused:
        words = _("Formulaire « %(form)s » : %(fault)s", form=formats.translated(form.name), fault=str(refused))
        yield words, form


# --- of which offerings ---


def aimed(scene, row):
    """Return the offerings, visible to candidates, to whose candidatures something is asked."""
    if row.offering_id is not None:
        return [offering for offering in scene.published if offering.id == row.offering_id]
    if row.centre_id is not None:
        return [offering for offering in scene.published if offering.commission.centre_id == row.centre_id]
    return scene.published


def _doubles(scene, rows, name):
    """Yield (row, other) of two demands of the same thing that one candidature may meet."""
    by_thing = {}
    for row in rows:
        by_thing.setdefault(getattr(row, name), []).append(row)
    for group in by_thing.values():
        for one, other in combinations(group, 2):
            if _meet(scene, one, other):
                yield (other if other.centre_id or other.offering_id else one), other


def _meet(scene, one, other):
    tracks = {getattr(one, "access_track", None), getattr(other, "access_track", None)} - {None}
    groups = ("nationality", "situation", "studies")
    if len(tracks) == len(AccessTrack) or any(_differ(one, other, name) for name in groups):
        return False
    narrow, wide = (one, other) if one.offering_id or (one.centre_id and not other.offering_id) else (other, one)
    if narrow.centre_id == wide.centre_id and narrow.offering_id == wide.offering_id:
        return True
    if wide.centre_id is None and wide.offering_id is None:
        return True
    return bool(narrow.offering_id and wide.centre_id and narrow.offering.commission.centre_id == wide.centre_id)


def _differ(one, other, name):
    """Whether two demands are of different profiles: taken as no double, though some profiles overlap."""
    mine, theirs = getattr(one, name), getattr(other, name)
    return mine is not None and theirs is not None and mine != theirs


def _name(row):
    return formats.translated(row.piece_type.name if hasattr(row, "piece_type") else row.form.name)


def _where(row):
    if row.offering is not None:
        return row.offering.formation.name
    return row.centre.name if row.centre is not None else str(_("toutes les candidatures"))
