"""The job `objects`: the objects that the real spawner would create to start a server."""

from __future__ import annotations

from typing import Any

from ..masking import Mask
from . import load_config
from .play import Play, Stage, described
from .pods import failures


def of(requests: list[dict[str, Any]]) -> dict[str, Any]:
    """Answer each request {user, groups, profile, options, server}.

    An answer is {pod, claims, notes, refusal, failure}. `refusal` is the message of a start that
    the hub refuses, for example because of a quota; `failure` describes an exception of the
    administrator's code or of the spawner. `problems`, `raised` and `missing` are those of the
    configuration as a whole.
    """
    loaded = load_config.load()
    whole: dict[str, Any] = {
        "problems": [problem.key for problem in loaded.problems],
        "raised": loaded.raised,
        "missing": loaded.missing,
        "answers": [],
    }
    if loaded.problems or loaded.raised:
        return whole
    stage = Stage(loaded.config)
    mask = Mask(loaded.values.get(()))
    for request in requests:
        whole["answers"].append(_answer(stage.play(request), loaded, mask))
    return whole


def _answer(play: Play, loaded: load_config.Loaded, mask: Mask) -> dict[str, Any]:
    """Return the pod; without one, or if a hook failed that would fail in the hub, the error."""
    notes, failed = [], play.ended
    for failure in play.failures:
        if failures.needs_more(failure, play, loaded.missing):
            notes.append(mask.text(f"{failure.step} failed here: {failure}"))
        else:
            failed = failed or failure
    answer = {
        "pod": play.pod, "claims": play.claims, "notes": notes, "refusal": "", "failure": None
    }  # fmt: skip
    if failed and failed.refuses:
        answer.update(pod=None, refusal=mask.text(failed.message))
    elif failed:
        answer.update(pod=None, failure=described(failed, mask))
    return answer
