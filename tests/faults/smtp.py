"""Mail servers that misbehave on order: aiosmtpd with a script, and a bare socket that answers slowly or never."""

import contextlib
import socket
import threading
import time
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.services import free_port


class Sink:
    """Keeps what it accepts; refuses, cuts or looks around when the script says so.

    Attributes:
        script: {step: list of things to do, consumed one a visit} with steps MAIL, RCPT, DATA; a thing is a reply,
            "CUT" (drop the line), "250+CUT" (accept, then drop it before QUIT) or a function to call before going on.
        accepted: (recipient, Message-ID, content) of each mail that got its 250.
    """

    def __init__(self, script=None, *, chance=None):
        self.script, self.chance = script or {}, chance
        self.accepted, self.visits, self.at_quit = [], [], None

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self._turn("MAIL", server) or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self._turn("RCPT", server)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = self._turn("DATA", server)
        if reply not in (None, "250+CUT"):
            return reply
        self.accepted.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content)["Message-ID"], envelope.content))
        if reply == "250+CUT":
            await server.push("250 OK")
            server.transport.abort()
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        if self.at_quit:
            self.at_quit()
        return "221 Bye"

    def _turn(self, step, server):
        self.visits.append(step)
        todo = self.script.get(step)
        thing = todo.pop(0) if todo else (self.chance(step) if self.chance else None)
        if callable(thing):
            return thing()
        if thing == "CUT":
            server.transport.abort()
            return "451 gone"
        return thing

    @property
    def message_ids(self):
        return [message_id for _recipient, message_id, _content in self.accepted]


@contextlib.contextmanager
def running(sink, *, port=None, password=None, **kwargs):
    """Run a sink; give its port.

    Args:
        password: the only one that opens it; None asks for none.
    """
    if password is not None:

        def authenticator(server, session, envelope, mechanism, data):
            return AuthResult(success=data.password == password.encode(), handled=False)

        kwargs |= {"authenticator": authenticator, "auth_required": True, "auth_require_tls": False}
    controller = Controller(sink, hostname="127.0.0.1", port=port or free_port(), server_hostname="sink", ready_timeout=20, **kwargs)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def slow(words, *, pause):
    """Run a server that says `words` one byte each `pause` seconds, then nothing more; give its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve():
        while not stop.is_set():
            try:
                line, _address = listener.accept()
            except OSError:
                return
            with line:
                for byte in words:
                    if stop.wait(pause):
                        return
                    with contextlib.suppress(OSError):
                        line.send(bytes([byte]))
                stop.wait(20)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        listener.close()
        thread.join(5)


def wait_until(condition, *, seconds):
    """Wait for a condition to hold; return whether it did in time."""
    end_at = time.monotonic() + seconds
    while time.monotonic() < end_at:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
