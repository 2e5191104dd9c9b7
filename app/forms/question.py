"""What is typed of a question of a form, kept as typed and read into the values of its columns."""

from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _

from app.enums import FieldKind, NationalityGroup, StatusGroup, StudiesGroup
from app.errors import DomainError
from app.forms.fields import trimmed
from app.operations import conditions, form_questions, typed_answers

PROFILES = {"nationality": NationalityGroup, "studies": StudiesGroup, "situation": StatusGroup}
LONGEST, LONGEST_HELP, LONGEST_CHOICE, MOST_CHOICES, SPARE = 500, 2000, 200, 100, 2  # characters, rows, empty rows offered
TEXTS = ("kind", "piece", "label_fr", "label_en", "help_fr", "help_en", "minimum", "maximum", "condition", *PROFILES)


class TypedQuestion:
    """A question as its page shows it: from the row, or from what was just sent."""

    def __init__(self, texts, choices, is_required, seen_version=""):
        self.texts, self.choices, self.is_required, self.seen_version = texts, choices, is_required, seen_version

    @classmethod
    def of(cls, field):
        """Return a kept question as its page shows it."""
        both = {f"{name}_{code}": (getattr(field, name) or {}).get(code, "") for name in ("label", "help") for code in ("fr", "en")}
        bounds = {name: typed_answers.as_typed(FieldKind.NUMBER, getattr(field, name)) for name in ("minimum", "maximum")}
        profile = {name: getattr(field, name).value if getattr(field, name) else "" for name in PROFILES}
        condition = "=".join(part for part in (field.condition_key, field.condition_value) if part)
        choices = [(key, words.get("fr", ""), words.get("en", "")) for key, words in (field.choices or {}).items()]
        texts = {**both, **bounds, **profile, "kind": field.kind.value, "condition": condition, "piece": str(field.piece_type_id or "")}
        return cls(texts, choices, field.is_required, str(field.version))

    @classmethod
    def sent(cls, form):
        """Return a question as a page sent it."""
        texts = {name: trimmed(form.get(name, "")[: LONGEST_HELP + 1]) for name in TEXTS}
        columns = [form.getlist(name)[:MOST_CHOICES] for name in ("choice_key", "choice_fr", "choice_en")]
        choices = [tuple(trimmed(text[: LONGEST_CHOICE + 1]) for text in row) for row in zip(*columns, strict=False)]
        return cls(texts, [row for row in choices if row[1] or row[2]], "is_required" in form, form.get("seen_version", ""))

    def get(self, name):
        """Return a text as typed."""
        return self.texts.get(name, "")

    def rows(self, more=0):
        """Return the choices, then empty rows for others."""
        return [*self.choices, *[("", "", "")] * (SPARE + more)]

    @property
    def seen(self):
        """The version of the row that the page showed; zero when it is not a number."""
        return int(self.seen_version) if self.seen_version.isascii() and self.seen_version.isdigit() else 0

    def values(self, piece_types):
        """Return {column: value}.

        Args:
            piece_types: {number: type of piece} of those that a file may deposit.
        Raises:
            DomainError: something cannot be read; its `field` says what.
        """
        kind = FieldKind(self.get("kind")) if self.get("kind") in set(FieldKind) else None
        if kind is None:
            raise DomainError(_("Choisissez le type de la question."), field="kind")
        source, _equal, wanted = self.get("condition").partition("=")
        is_number = kind == FieldKind.NUMBER
        return {
            "kind": kind,
            "label": self._both("label", LONGEST, _("Écrivez la question en français.")),
            "help": self._both("help", LONGEST_HELP),
            "choices": self._choices() if kind in conditions.LISTS else None,
            "is_required": self.is_required and kind != FieldKind.SECTION,
            "minimum": self._bound("minimum") if is_number else None,
            "maximum": self._bound("maximum") if is_number else None,
            "piece_type_id": self._piece(piece_types) if kind == FieldKind.FILE else None,
            "condition_key": source or None,
            "condition_value": wanted or None,
            **{name: groups(self.get(name)) if self.get(name) in set(groups) else None for name, groups in PROFILES.items()},
        }

    def _both(self, name, longest, missing=None):
        texts = {code: self.get(f"{name}_{code}") for code in ("fr", "en") if self.get(f"{name}_{code}")}
        if not texts.get("fr") and (missing or texts):
            raise DomainError(missing or _("Écrivez aussi ce texte en français."), field=f"{name}_fr")
        if any(len(text) > longest for text in texts.values()):
            raise DomainError(_("%(count)s caractères au plus.", count=longest), field=f"{name}_fr")
        return texts or None

    def _piece(self, piece_types):
        number = self.get("piece")
        if number not in map(str, piece_types):
            raise DomainError(_("Choisissez la pièce que ce fichier dépose."), field="piece")
        return int(number)

    def _bound(self, name):
        if not self.get(name):
            return None
        try:
            value = Decimal(self.get(name).replace(",", "."))
        except InvalidOperation as error:
            raise DomainError(_("Écrivez un nombre."), field=name) from error
        if not value.is_finite() or abs(value) >= 10**10:
            raise DomainError(_("Écrivez un nombre."), field=name)
        return value

    def _choices(self):
        """Return {key: {language: text}}: a choice keeps its key, a new one takes a key from its words."""
        found, kept = {}, {key for key, _fr, _en in self.choices if key}
        for number, (key, french, english) in enumerate(self.choices):
            if not french or max(len(french), len(english)) > LONGEST_CHOICE:
                raise DomainError(
                    _("Écrivez chaque choix en français, en %(most)s caractères au plus.", most=LONGEST_CHOICE), field="choices"
                )
            key = key if key and key not in found else form_questions.slug(french, {*found, *kept}, f"choix_{number + 1}")
            found[key] = {"fr": french, **({"en": english} if english else {})}
        if not found:
            raise DomainError(_("Donnez au moins un choix."), field="choices")
        return found
