"""A config.yaml that is edited while `z2jh dev` runs."""

from __future__ import annotations

from typing import Any

import yaml
from support.dev import VALUES, Dev, Person, merged, until


def edit(dev: Dev, over: dict[str, Any]) -> None:
    dev.file.write_text(yaml.safe_dump(merged(VALUES, over)))


def profiles(*names: str) -> dict[str, Any]:
    return {"profileList": [{"display_name": name} for name in names]}


def test_edited_file_is_reloaded(run_dev: Any) -> None:
    dev = run_dev().ready()
    hub = dev.pid("hub")
    ada = Person(dev, "ada")
    edit(dev, {"singleuser": profiles("Small", "Large")})
    until(lambda: "Applied without a restart" in dev.printed(), "the change")
    assert "Large" in ada.get("hub/spawn").text

    edit(dev, {"singleuser": {"profileList": [{"description": "no name"}]}})
    until(lambda: "The hub keeps the previous values." in dev.printed(), "the refusal")
    assert f"{dev.file}:" in dev.printed()
    until(lambda: "the profile has no name" in dev.printed(), "the reason")
    assert dev.pid("hub") == hub

    edit(dev, {"singleuser": profiles("Newest")})
    until(lambda: "Newest" in ada.get("hub/spawn").text, "the form")
    assert dev.pid("hub") == hub

    ada.start(options={"profile": "newest"})
    edit(dev, {"singleuser": {**profiles("Newest"), "extraEnv": {"GREETING": "hello"}}})
    until(lambda: dev.record("hub").get("pid", hub) != hub, "another hub")
    assert "singleuser.extraEnv.GREETING changed" in dev.printed()
    until(lambda: ada.get("hub/health").ok and ada.servers()[""]["ready"], "the server, kept")
