"""What the university says on its pages and when it reminds."""

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import orm
from app.enums import ReminderEvent, TextPlace
from app.extensions import db
from app.orm import Versioned, field, labelled, managed, pk, ref
from app.tables.menus import SETTINGS
from app.tables.offer import Centre
from app.tables.settings import MailTemplate


class PublicText(db.Model, Versioned):
    """This university's words at one place of the public pages; without a row, the shipped ones are read."""

    __managed__ = managed(_("Textes des pages publiques"), menu=SETTINGS, right="TEMPLATES", order=84)

    id: Mapped[pk]
    place: Mapped[TextPlace] = mapped_column(labelled(TextPlace), unique=True, info=field(_("Emplacement"), list=True))
    body: Mapped[orm.translated] = mapped_column(info=field(_("Texte"), help=_("Markdown : titres, listes, liens, gras.")))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))

    def __str__(self):
        return str(self.place.label)


class FaqEntry(db.Model, Versioned):
    """One question that candidates ask often, and its answer."""

    __managed__ = managed(_("Questions fréquentes"), menu=SETTINGS, right="TEMPLATES", order=86)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    question: Mapped[orm.translated] = mapped_column(info=field(_("Question"), list=True))
    answer: Mapped[orm.translated] = mapped_column(info=field(_("Réponse"), help=_("Markdown : titres, listes, liens, gras.")))
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))

    def __str__(self):
        return orm.text_in(self.question, "fr")


class ReminderRule(db.Model, Versioned):
    """Who is reminded of what, how many days before the date that counts (domain D14)."""

    __managed__ = managed(_("Rappels"), menu=SETTINGS, right="TEMPLATES", scope="shared_centre", order=88)
    __table_args__ = (CheckConstraint("days BETWEEN 0 AND 90", name="days"),)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    event: Mapped[ReminderEvent] = mapped_column(labelled(ReminderEvent), info=field(_("Ce qui manque"), list=True, filter=True))
    days: Mapped[int] = mapped_column(default=3, info=field(_("Jours avant la date limite"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    mail_template_id: Mapped[int | None] = ref("mail_template.id", nullable=True)
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    mail_template: Mapped[MailTemplate | None] = relationship(
        info=field(_("Courriel propre"), help=_("Vide : le courriel de rappel ordinaire."), list=True)
    )
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return self.code
