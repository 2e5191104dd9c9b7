"""What protects every answer: security headers, the nonce of each page, read or write intent, the true client address."""

from urllib.parse import urlsplit
from uuid import uuid4

from flask import abort, current_app, g, request, request_started
from werkzeug.middleware.proxy_fix import ProxyFix

from app.orm import write_intent
from app.web import csp_nonce

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'{actions}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


def init_headers(app):
    """Bind the hooks; reverse proxies are trusted only by their declared number (trust T26)."""
    settings = app.config["SETTINGS"]
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    request_started.connect(_limit, app)
    app.before_request(_begin)
    app.after_request(_protect)
    app.teardown_request(lambda _error: write_intent.set(True))  # what follows in this thread may write


def _limit(app):
    """Refuse a huge form whatever its encoding: Werkzeug's own limit looks at multipart ones only (trust X03)."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = app.config["MAX_FORM_MEMORY_SIZE"]


def _begin():
    g.reference = uuid4().hex[:12]
    view = current_app.view_functions.get(request.endpoint)
    write_intent.set(request.method not in SAFE_METHODS or getattr(view, "is_writing", False))
    if request.method not in SAFE_METHODS and _is_foreign():
        abort(400)


def writes(view):
    """Mark a view that writes although it is reached by GET (the link of a mail): SQLite must begin at once for it."""
    view.is_writing = True
    return view


def _is_foreign():
    """Whether a browser says that another site sent this unsafe request (trust §2.6)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _protect(response):
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("X-Request-Id", g.get("reference", ""))
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = POLICY.format(nonce=csp_nonce(), actions="".join(f" {a}" for a in g.get("form_actions", ())))
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
