"""What somebody with the keys of the database could do to a history: past the guards that refuse it to the application."""

from sqlalchemy import text

from app.extensions import db


def as_superuser(statement, **values):
    """Run a statement with the guards of the database set aside, and commit it."""
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        guards = db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _sql in guards:
            db.session.execute(text(f"DROP TRIGGER {name}"))
        db.session.execute(text(statement), values)
        for _name, sql in guards:
            db.session.connection().exec_driver_sql(sql)
    else:
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        db.session.execute(text(statement), values)
    db.session.commit()
    db.session.expire_all()
