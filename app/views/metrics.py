"""Measures for a Prometheus collector: what this node answered, and how the installation is; closed to everybody else (trust U09)."""

import hmac
import os
import time

from flask import Blueprint, Response, abort, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import db
from app.operations import vitals

blueprint = Blueprint("metrics", __name__)

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
requests = Counter("postulo_requests_total", "Requests answered by this node.", ("endpoint", "status"))
latency = Histogram(
    "postulo_request_seconds",
    "Server time of requests.",
    ("endpoint",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
refused_sign_ins = Counter("postulo_sign_ins_refused_total", "Sign-ins refused for a wrong name or password.")


def observe(response):
    """Count a request and its time."""
    endpoint = request.endpoint or "none"
    requests.labels(endpoint, response.status_code).inc()
    if "begun" in g:
        latency.labels(endpoint).observe(time.perf_counter() - g.begun)


@blueprint.get("/metrics")
def show():
    """Give every measure in the text format of Prometheus."""
    if not _may_read():
        abort(404)
    registry = CollectorRegistry()
    registry.register(Installation())
    text = generate_latest(_processes()) + generate_latest(registry)
    return Response(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_read():
    """Whether the collector shows the token; without one in the settings, whether it is on this machine, without a proxy."""
    settings = current_app.config["SETTINGS"]
    if settings.metrics_token:
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {settings.metrics_token}".encode())
    is_direct = not settings.trusted_proxies and not any(name in request.headers for name in FORWARDED)
    return not settings.is_production and is_direct and request.remote_addr in ("127.0.0.1", "::1")


def _processes():
    """Return the measures of every process of this node, when they share the folder PROMETHEUS_MULTIPROC_DIR; else of this one."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


class Installation:
    """What the database knows, counted when asked: the same on every node."""

    def collect(self):
        """Return the gauges; when the database is down, only that."""
        try:
            return [_gauge("database_up", "Whether the database answers.", 1), *_counted(clock.now())]
        except SQLAlchemyError:
            db.session.rollback()
            return [_gauge("database_up", "Whether the database answers.", 0)]


def _counted(now):
    messages, overdue = vitals.outbox(now)
    waiting, oldest, aside = vitals.files(now)
    worker = vitals.worker(now)
    gauges = [
        _by_state("outbox_messages", "Messages by state.", messages),
        _gauge("outbox_oldest_due_seconds", "Time since which the oldest message to send is due.", overdue),
        _gauge("files_unchecked", "Deposited files that wait for their check.", waiting),
        _gauge("files_unchecked_oldest_seconds", "Age of the oldest of them.", oldest),
        _gauge("files_set_aside", "Files whose check never ended, for a person to look at.", aside),
        _by_state("jobs", "Long work by state.", vitals.jobs()),
        _gauge("batches_failed", "Scheduled jobs whose last run failed.", vitals.failed_batches()),
        _gauge("mail_paused", "Whether a worker holds its mails back (no server takes them).", worker.is_mail_paused),
    ]
    if worker.seconds is not None:
        gauges.append(_gauge("worker_last_sweep_seconds", "Time since the last sweep of a worker.", worker.seconds))
    return gauges


def _gauge(name, words, value):
    return GaugeMetricFamily(f"postulo_{name}", words, value=float(value))


def _by_state(name, words, counts):
    family = GaugeMetricFamily(f"postulo_{name}", words, labels=("state",))
    for state, count in counts.items():
        family.add_metric((state.lower(),), count)
    return family
