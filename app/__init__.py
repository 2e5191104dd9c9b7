"""The factory: the only module that knows all the others."""

from flask import Flask

import config
from app import extensions


def create_app(settings=None):
    """Build the application.

    Args:
        settings: a `config.Settings`; read from the environment when None.
    Raises:
        config.ConfigurationError: a setting is wrong; the sentence says which.
    """
    settings = settings or config.Settings.from_environ()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    app = Flask(__name__)
    app.config.update(config.flask_config(settings))
    _bind_extensions(app)

    from app import admin, cli, views  # the screens need the extensions bound

    views.init_views(app)
    admin.init_admin(app)
    cli.init_cli(app)
    return app


def _bind_extensions(app):
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, directory=str(config.ROOT / "migrations"), compare_type=True)
    extensions.csrf.init_app(app)
    extensions.mail.init_app(app)
    extensions.limiter.init_app(app)
    with app.app_context():
        extensions.begin_for(app)
