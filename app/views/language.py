"""Which language a page speaks: the person's choice, else the browser's, else French."""

from flask import current_app, has_request_context, request, session
from flask_login import current_user

from app.extensions import babel
from app.formats import current_language
from app.views.typography import Sentences

LANGUAGES = {"fr": "Français", "en": "English"}


def init_language(app):
    """Bind Flask-Babel and the template globals that show the language."""
    babel.init_app(app, default_translation_directories="translations", locale_selector=choose, timezone_selector=lambda: "Europe/Paris")
    babel.domain_instance = Sentences()
    app.jinja_env.globals.update(current_language=current_language, languages=LANGUAGES)


def choose():
    """Return the language code of this request (French outside a request)."""
    if not has_request_context():
        return current_app.config["BABEL_DEFAULT_LOCALE"]
    chosen = session.get("language")
    if chosen not in LANGUAGES and _user_language() in LANGUAGES:
        chosen = _user_language()
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "fr")


def _user_language():
    return getattr(current_user, "language", None) if hasattr(current_app, "login_manager") else None
