"""The screen « Traitements »: what each scheduled job does, when it runs next, what it did, and its schedule (features S5)."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app import access, clock, tasks  # noqa: F401 -- tasks: declares the jobs
from app.admin.base import Protected
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.operations import batches

DAYS = tuple(
    zip(
        "1234567",
        (
            *(lazy_gettext("lundi"), lazy_gettext("mardi"), lazy_gettext("mercredi"), lazy_gettext("jeudi")),
            *(lazy_gettext("vendredi"), lazy_gettext("samedi"), lazy_gettext("dimanche")),
        ),
        strict=True,
    )
)


class BatchesView(Protected, BaseView):
    """Everybody with the right reads; changing and starting need it in write, and are audited."""

    functionality = Functionality.OPERATIONS

    @expose("/")
    def index(self):
        """List the jobs."""
        now, last = clock.now(), batches.last_runs()
        lines = [
            (batch, schedule, in_words(schedule), batches.next_of(schedule, now), last.get(batch.name))
            for batch in batches.BATCHES.values()
            for schedule in [batches.schedule_of(batch)]
        ]
        return render_template("admin/gestion/batches.html", lines=lines, may_write=_may_write(), admin_view=self)

    @expose("/<code>", methods=["GET", "POST"])
    def show(self, code):
        """Show one job, its schedule and its last runs; change the schedule."""
        batch = batches.BATCHES.get(code) or abort(404)
        error = None
        if request.method == "POST":
            try:
                self._change(batch)
                flash(_("Horaire enregistré."), "success")
                return redirect(url_for(".show", code=code), 303)
            except NotAllowed:
                abort(403)
            except DomainError as refused:
                db.session.rollback()
                error = refused
        schedule = batches.schedule_of(batch)
        context = {
            "batch": batch,
            "schedule": schedule,
            "words": in_words(schedule),
            "next_at": batches.next_of(schedule, clock.now()),
            "runs": batches.history(code),
            "days": DAYS,
            "typed": _typed_of(schedule) if error is None else request.form,
            "may_write": _may_write(),
            "error": error,
        }
        return render_template("admin/gestion/batch.html", by_hand=batches.BY_HAND, admin_view=self, **context), 422 if error else 200

    def _change(self, batch):
        hour, minute = _time(request.form.get("time", ""))
        is_repeated = request.form.get("mode") == "every"
        batches.change(
            batch.name,
            actor=current_user,
            hour=hour,
            minute=minute,
            weekdays="".join(request.form.getlist("weekdays")),
            every_minutes=_minutes(request.form.get("every_minutes", "")) if is_repeated else None,
            is_enabled=request.form.get("is_enabled") == "1",
        )
        db.session.commit()

    @expose("/<code>/lancer", methods=["POST"])
    def run(self, code):
        """Ask a worker to run a job now."""
        if code not in batches.BATCHES:
            abort(404)
        try:
            batches.ask(code, actor=current_user)
            db.session.commit()
            flash(_("Demandé : un traitement commence d’ordinaire en quelques secondes."), "success")
        except NotAllowed:
            abort(403)
        except DomainError as error:
            db.session.rollback()
            flash(str(error), "error")
        return redirect(url_for(".show", code=code), 303)


def _may_write():
    return access.can(current_user, Functionality.OPERATIONS, write=True)


def _time(text):
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:h]([0-5][0-9])", text.strip().replace(" ", ""), re.ASCII)
    if found is None:
        raise DomainError(_("Écrivez l’heure ainsi : 22:30."), field="hour")
    return int(found[1]), int(found[2])


def _minutes(text):
    if not re.fullmatch(r"[0-9]{1,4}", text.strip(), re.ASCII):
        raise DomainError(_("Entre 1 et 1440 minutes."), field="every_minutes")
    return int(text)


def _typed_of(schedule):
    return {
        "time": f"{schedule.hour:02d}:{schedule.minute:02d}",
        "mode": "every" if schedule.every_minutes else "days",
        "every_minutes": schedule.every_minutes or 60,
        "weekdays": schedule.weekdays,
        "is_enabled": "1" if schedule.is_enabled else "",
    }


def in_words(schedule):
    """Return a schedule as people say it."""
    if not schedule.is_enabled:
        return _("hors service")
    if schedule.every_minutes:
        return _("toutes les %(minutes)s minutes", minutes=schedule.every_minutes)
    at = f"{schedule.hour:02d}:{schedule.minute:02d}"
    if schedule.weekdays == batches.EVERY_DAY:
        return _("chaque jour à %(at)s", at=at)
    names = ", ".join(str(name) for number, name in DAYS if number in schedule.weekdays)
    return _("%(days)s à %(at)s", days=names, at=at)
