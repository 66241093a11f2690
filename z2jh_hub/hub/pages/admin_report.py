"""The answer that the page of administrators loads when it searches, or when a start fails."""

from __future__ import annotations

import json
from typing import Any

from jupyterhub.apihandlers.base import APIHandler
from tornado.web import HTTPError

from ...spawner.failed_starts import FailedStart
from ...spawner.user_options import clip
from . import admin

DIGITS = 18  # of a number in an argument
NAME = 255  # characters of a name
FOLLOWED = 100  # servers that one page may follow at a time


class ReportHandler(APIHandler):  # type: ignore[misc]
    """Answers with the report in parts, and with the state of starts that the page follows."""

    async def get(self) -> None:
        """Answer with JSON: `failures` and `servers` as HTML, `newest`, and `starts`.

        Arguments: `search`, a part of a user's name; `server`, any number of `USER/SERVER`, which
        `starts` tells about; and `after`, the number `newest` that the page last got.
        Answers 403 to those who may not see the servers of all users.
        """
        if not admin.may_see_report(self.parsed_scopes):
            raise HTTPError(403, "You need the scopes " + ", ".join(admin.SCOPES))
        search = self.get_argument("search", "")[:NAME]
        report = admin.admin_report(self.db, search)
        after = self._number("after")
        starts = [each for each in report.starts if each.id > after]
        answer = {
            "failures": await self._part("failed_starts", report=report),
            "servers": await self._part("stopped_servers", report=report, search=search),
            "newest": report.newest,
            "starts": [
                await self._state_of(name, starts)
                for name in self.get_arguments("server")[:FOLLOWED]
            ],
        }
        self.finish(json.dumps(answer))

    async def _part(self, name: str, **values: Any) -> str:
        return str(await self.render_template(f"z2jh/{name}.html", **values))

    async def _state_of(self, server: str, starts: list[FailedStart]) -> dict[str, Any]:
        """Return the state of a start: `server`, `pending`, and `message` if it failed."""
        user_name, _, name = server.partition("/")
        user = self.find_user(user_name)
        spawner = user and user.spawners.get(name)
        state = {"server": server, "pending": bool(spawner and spawner.pending), "message": ""}
        if not state["pending"] and not (spawner and spawner.ready):
            for start in starts:
                if (start.user, start.server) == (user_name, name):
                    state["message"] = await self._part("failed_start", start=start)
                    break
        return state

    def _number(self, name: str) -> int:
        text = self.get_argument(name, "0")
        if not text.isdecimal() or len(text) > DIGITS:
            raise HTTPError(400, f"{name} is not a number: {clip(text)}")
        return int(text)
