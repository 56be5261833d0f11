"""A stand-in for GOV.UK Notify: a server of its own that speaks as much of its HTTP API as the tracker uses."""

import json
import threading
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt

SERVICE, SECRET = "6f2b1c1e-0000-4000-8000-000000000001", "6f2b1c1e-0000-4000-8000-00000000000a"
KEY = f"tracker-{SERVICE}-{SECRET}"
TEMPLATE = "6f2b1c1e-0000-4000-8000-0000000000ff"
KINDS = {400: "BadRequestError", 403: "AuthError", 429: "RateLimitError", 500: "Exception", 503: "Exception"}


class StandIn:
    """Keeps what it was given. `answers` are told to the next letters; `forgetful` keeps a letter and then hangs up."""

    def __init__(self) -> None:
        self.letters: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.forgetful = 0
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None: ...

            def do_POST(self) -> None:
                outer.post(self)

            def do_GET(self) -> None:
                outer.get(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def say(self, request: BaseHTTPRequestHandler, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def refuse(self, request: BaseHTTPRequestHandler, status: int, why: str) -> None:
        errors = [{"error": KINDS.get(status, "NoResultFound"), "message": why}]
        self.say(request, status, {"status_code": status, "errors": errors})

    def is_let_in(self, request: BaseHTTPRequestHandler) -> bool:
        """As Notify does: a token signed with the key's secret, in the name of its service."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_aud": False})
        except jwt.InvalidTokenError:
            claims = {}
        if scheme == "Bearer" and claims.get("iss") == SERVICE and "iat" in claims:
            return True
        self.refuse(request, 403, "Invalid token: API key not found")
        return False

    def post(self, request: BaseHTTPRequestHandler) -> None:
        given = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        if not self.is_let_in(request):
            return
        status = self.answers.pop(0) if self.answers else 201
        if status != 201:
            self.refuse(request, status, "email_address is not a valid email address" if status == 400 else "No")
            return
        assert request.path == "/v2/notifications/email"
        assert given["template_id"] == TEMPLATE
        assert given["personalisation"].keys() == {"subject", "body"}
        letter = {**given, "id": str(uuid.uuid4()), "status": "created"}
        self.letters.append(letter)
        if self.forgetful:
            self.forgetful -= 1
            request.close_connection = True
            request.connection.close()
            return
        self.say(request, 201, {"id": letter["id"], "reference": letter["reference"]})

    def get(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        if not self.is_let_in(request):
            return
        path, _, query = request.path.partition("?")
        wanted = urllib.parse.parse_qs(query)
        if path == "/v2/notifications":
            assert wanted["template_type"] == ["email"]
            found = [one for one in self.letters if [one["reference"]] == wanted["reference"]]
            self.say(request, 200, {"notifications": found, "links": {}})
            return
        one = next((one for one in self.letters if path == f"/v2/notifications/{one['id']}"), None)
        if one is None:
            self.refuse(request, 404, "No result found")
        else:
            self.say(request, 200, one)

    def now_says(self, status: str) -> None:
        for letter in self.letters:
            letter["status"] = status
