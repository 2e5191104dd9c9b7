"""Reference data: the nomenclatures of the State and of the university, and the values of the parameters."""

from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, orm
from app.extensions import db
from app.orm import Versioned, field, managed, pk, ref
from app.tables.menus import OFFER, SETTINGS


class Country(db.Model):
    """ISO 3166 country, with the nationality it gives."""

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[orm.translated]
    nationality: Mapped[orm.translated]


class Department(db.Model):
    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[orm.short]


class Commune(db.Model):
    """French commune by its INSEE code."""

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[orm.short]
    department_code: Mapped[str] = ref("department.code")


class PostalCode(db.Model):
    """One postal code of one commune."""

    postal_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune_code: Mapped[str] = mapped_column(db.ForeignKey("commune.code"), primary_key=True, index=True)
    commune: Mapped[Commune] = relationship()


class BacSeries(db.Model, Versioned):
    """Baccalauréat series or equivalent, with the years in which it was awarded."""

    __managed__ = managed(_("Séries de baccalauréat"), menu=SETTINGS, right="REFERENCE", order=90)

    code: Mapped[str] = mapped_column(String(20), primary_key=True, info=field(_("Code"), list=True))
    label: Mapped[orm.translated] = mapped_column(info=field(_("Libellé"), list=True))
    valid_from: Mapped[int | None] = mapped_column(info=field(_("Délivré depuis l’année"), list=True))
    valid_to: Mapped[int | None] = mapped_column(info=field(_("Délivré jusqu’à l’année"), list=True))
    is_baccalaureat: Mapped[orm.yes] = mapped_column(info=field(_("Est un baccalauréat français"), list=True))

    def __str__(self):
        return orm.text_in(self.label, "fr")


class BacMention(db.Model):
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    label: Mapped[orm.translated]


class DiplomaType(db.Model, Versioned):
    """Second level of the offer's tree."""

    __managed__ = managed(_("Types de diplôme"), menu=OFFER, right="REFERENCE", order=40)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Nom"), list=True))
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre d’affichage"), list=True))

    def __str__(self):
        return orm.text_in(self.name, "fr")


class Parameter(db.Model, Versioned):
    """Value of one setting declared in `app.parameters`; absent means its default."""

    code: Mapped[str] = mapped_column(String(50), primary_key=True)
    value: Mapped[orm.json]
    updated_at: Mapped[orm.created] = mapped_column(onupdate=clock.now)
