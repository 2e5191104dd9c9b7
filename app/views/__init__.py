"""The candidate's and visitor's side of the web: every page, and what all pages share."""

from app.views import (
    accounts,
    answers,
    candidatures,
    demonstration,
    demonstration_identity,
    errors,
    formatting,
    headers,
    health,
    invitations,
    language,
    messages,
    metrics,
    observing,
    offer,
    pages,
    papers,
    pieces,
    profile,
    returns,
    security,
    signon,
    verification,
)

BLUEPRINTS = (
    pages,
    health,
    metrics,
    accounts,
    invitations,
    signon,
    demonstration,
    demonstration_identity,
    profile,
    offer,
    candidatures,
    pieces,
    answers,
    returns,
    messages,
    papers,
    verification,
)


def init_views(app):
    """Register what every page needs, then every blueprint, in this order."""
    observing.init_observing(app)
    headers.init_headers(app)
    language.init_language(app)
    formatting.init_formatting(app)
    errors.init_errors(app)
    security.init_security(app)
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
