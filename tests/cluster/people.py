"""Log in to a hub without a browser."""

from __future__ import annotations

import http.cookiejar
import urllib.parse
import urllib.request

from cluster_support import PASSWORD, Hub


def log_in(hub: Hub, user: str) -> str:
    """Log in as a browser does; return the cookies."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{hub.url}/hub/login", timeout=30).close()
    token = next(cookie.value for cookie in jar if cookie.name == "_xsrf")
    form = {"username": user, "password": PASSWORD, "_xsrf": token}
    data = urllib.parse.urlencode(form).encode()
    opener.open(f"{hub.url}/hub/login?next=/hub/home", data, timeout=60).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def logged_in(hub: Hub, cookies: str) -> bool:
    """Return whether the cookies still show the user's home page instead of the login page."""
    home = f"{hub.url}/hub/home"
    request = urllib.request.Request(home, headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bool(answer.url == home)
