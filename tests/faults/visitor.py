"""Somebody with a browser that knows forms and cookies and no more."""

import http.cookiejar
import re
import urllib.parse
import urllib.request
from typing import Self

from tests.rig import Site

PASSWORD = "inspection-demo"


class Visitor:
    """Remembers who it is signed in as."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # No proxy of this machine may stand between.
        self.opener = urllib.request.build_opener(self.jar, urllib.request.ProxyHandler({}))

    def get(self, path: str) -> str:
        with self.opener.open(self.site.address(path), timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, path: str, page: str, **fields: str) -> str:
        """Sends the form of that page with its hidden fields."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        data = urllib.parse.urlencode(hidden | fields).encode()
        headers = {"Origin": self.site.url}
        request = urllib.request.Request(self.site.address(path), data, headers)
        with self.opener.open(request, timeout=20) as answer:
            return str(answer.read().decode())

    def sign_in(self, who: str) -> Self:
        path = "/accounts/login/"
        page = self.post(path, self.get(path), login=f"{who}@example.test", password=PASSWORD)
        assert "Sign out" in page
        return self
