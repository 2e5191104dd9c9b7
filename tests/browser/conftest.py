"""A whole installation as production runs it: web server, worker, Redis, a real SMTP sink, and Debian's Chromium."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pypdfium2
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import sync_playwright

from app.operations.demonstration.cast import STAFF_HOST, STAFF_SECRET
from tests import services

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
)
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Sink:
    """Keeps every message that SMTP accepted."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope.rcpt_tos[0], envelope.content.decode("utf-8", "replace")))
        return "250 OK"

    def wait_for(self, recipient, words, *, seconds=120):
        """Return the last message to somebody that holds some words, once it has come."""
        import email
        from email.policy import default

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for to, content in reversed(self.messages):
                message = email.message_from_string(content, policy=default)
                text = message.get_body(("plain",)).get_content()
                if to == recipient and (words in text or words in (message["Subject"] or "")):
                    return message, text
            time.sleep(0.2)
        raise AssertionError(f"no mail to {recipient} with {words!r}; came: {[to for to, _content in self.messages]}")


class Stack:
    """The running installation: its address, its mails and its folder of data."""

    def __init__(self, url, sink, folder):
        self.url, self.sink, self.folder = url, sink, folder


@contextlib.contextmanager
def installed(folder, redis_url, *, candidatures=0, prepare=None):
    """Start everything in a folder of its own; give the `Stack`.

    Args:
        candidatures: how many more the demonstration holds.
        prepare: commands of `flask` that fill the database instead of the demonstration.
    """
    port, sink = services.free_port(), Sink()
    smtp = Controller(sink, hostname="127.0.0.1", port=services.free_port())
    smtp.start()
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "REDIS_URL": redis_url,
        "MAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "FLASK_APP": "wsgi",
    }
    flask = [sys.executable, "-m", "flask"]
    for command in (["db", "upgrade"], *(prepare or [["demo", "seed", "--candidatures", str(candidatures)]])):
        subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, capture_output=True)
    log = open(folder / "log", "wb")  # noqa: SIM115 -- closed with the stack
    web = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8", "--worker-class", "gthread", "wsgi:app"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        for command in (web, [sys.executable, "-m", "app.worker"])
    ]
    try:
        wait_until_alive(f"http://127.0.0.1:{port}/healthz")
        yield Stack(f"http://127.0.0.1:{port}", sink, folder)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)
        log.close()
        smtp.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory, redis_server):
    """Start everything once for all browser tests."""
    with installed(tmp_path_factory.mktemp("stack"), redis_server.url) as running:
        yield running


def wait_until_alive(url):
    """Wait until the web server answers."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the web server did not start")


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, driven by Playwright."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        services.missing("Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS.split())
        yield browser
        browser.close()


DEVICES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "telephone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


def is_fault(message, statuses):
    """Whether the console tells of something else than a refusal that the test expects."""
    return message.type == "error" and not any(f"the server responded with a status of {status}" in message.text for status in statuses)


@pytest.fixture
def visit(chromium, stack):
    """Open a page of a device and language; every console error and policy violation fails the test, but the `statuses` expected."""
    contexts, faults = [], []

    def opened(*, device="desktop", language="fr", javascript=True, statuses=(422,)):
        context = chromium.new_context(
            locale={"fr": "fr-FR", "en": "en-GB"}[language], base_url=stack.url, java_script_enabled=javascript, **DEVICES[device]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: faults.append(message.text) if is_fault(message, statuses) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


LONG = 90_000  # milliseconds: a worker begins within a sweep


def manager(visit, who="gestion", **kwargs):
    """Open a page and sign in as somebody of the staff of the demonstration."""
    page = visit(**kwargs)
    page.goto("/connexion")
    page.fill("[name=identifier]", f"{who}@{STAFF_HOST}")
    page.fill("[name=password]", STAFF_SECRET)
    page.locator("main form button").first.click()
    return page


def start(page, act):
    """Take an act in the menu of the list."""
    button = page.locator(f"button[value={act}]")
    if not button.is_visible():
        page.locator("details.menu", has=button).locator("summary").click()
    button.click()


def ended(page, words):
    """Wait until the job page, which renews itself, says how the job ended."""
    page.locator("#job .tag", has_text=re.compile(words)).first.wait_for(timeout=LONG)


def undone(page):
    """Take back the job shown and wait until it is."""
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=re.compile("Tout annuler|Undo everything")).click()
    ended(page, "Terminé|Done|Finished")


def downloaded(page, press):
    """Return (name, text, document) of the PDF that a click downloads."""
    with page.expect_download() as waiting:
        press()
    document = pypdfium2.PdfDocument(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    return waiting.value.suggested_filename, "\n".join(each.get_textpage().get_text_range() for each in document), document


def violations(page):
    """Return the accessibility faults that axe finds on a page (WCAG 2.0, 2.1, 2.2, A and AA), once it has its styles."""
    page.wait_for_load_state("load")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)["violations"]
    return [f"{page.url} {fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}" for fault in found for node in fault["nodes"]]
