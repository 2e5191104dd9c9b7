"""A small LimeSurvey: it answers RemoteControl's five calls as the real one does, from what a test put in it."""

import base64
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT, PASSWORD = "postulo", "cle-de-test"


class Survey:
    """What the server holds and what was asked of it."""

    def __init__(self):
        self.rows, self.questions, self.calls, self.open, self.body, self.is_old = [], [], [], set(), None, False

    def answer(self, method, parameters):
        self.calls.append(method)
        if method == "get_session_key":
            if parameters != [ACCOUNT, PASSWORD]:
                return {"status": "Invalid user name or password"}
            self.open.add(f"key{len(self.calls)}")
            return f"key{len(self.calls)}"
        if parameters[0] not in self.open:
            return {"status": "Invalid session key"}
        if method == "release_session_key":
            self.open.discard(parameters[0])
            return "OK"
        if method == "list_questions":
            return self.questions or {"status": "No questions found"}
        if not self.rows:
            return {"status": "No Data, survey table does not exist."}
        rows = [{str(row["id"]): row} for row in self.rows] if self.is_old else self.rows
        return base64.b64encode(json.dumps({"responses": rows}).encode()).decode()


@contextlib.contextmanager
def running():
    """Give the survey and the address to set as LIMESURVEY_URL."""
    survey = Survey()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = {"id": asked["id"], "result": survey.answer(asked["method"], asked["params"]), "error": None}
            body = json.dumps(reply).encode() if survey.body is None else survey.body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield survey, f"http://{ACCOUNT}:{PASSWORD}@127.0.0.1:{server.server_port}/index.php/admin/remotecontrol"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
