"""What our templates call to write texts, times and durations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from ...spawner.texts import TEXTS, text

# seconds, and the names of the texts for one and for several
UNITS = ((86400, "day", "days"), (3600, "hour", "hours_long"), (60, "minute", "minutes"))

# prefixes of the names of texts that the script of a starting server shows
SHOWN = ("step_", "event_", "cancelling", "no_answer")


@pass_context
def t(context: Context, name: str, /, **values: Any) -> Markup:
    """Return a text of the pages, as the deployment changed it."""
    return text(name, context.get("texts"), **values)


@pass_context
def named(context: Context, name: str, server: str = "", /, **values: Any) -> Markup:
    """Return a text about the default server, or the one about a server with a name."""
    if server:
        return t(context, f"{name}_named", name=server, **values)
    return t(context, name, **values)


def when(moment: datetime | str | None) -> Markup:
    """Return a time in UTC, which a script shows in the time zone of the browser."""
    if not moment:
        return Markup("")
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    day = "" if at.date() == datetime.now(UTC).date() else f"{at:%Y-%m-%d} "
    return Markup('<time datetime="{}">{}{} UTC</time>').format(
        at.isoformat(timespec="seconds"), day, f"{at:%H:%M}"
    )


@pass_context
def duration(context: Context, seconds: float) -> Markup:
    """Return a duration in its largest unit, such as "an hour" or "90 minutes"."""
    for size, one, many in UNITS:
        if seconds >= size and (seconds % size == 0 or seconds >= 2 * size):
            number = round(seconds / size, 1)
            return t(context, one) if number == 1 else t(context, many, number=f"{number:g}")
    minutes = round(seconds / 60)
    return t(context, "minutes", number=minutes) if minutes > 1 else t(context, "minute")


@pass_context
def why_stopped(context: Context, stop: Mapping[str, Any]) -> Markup:
    """Return the sentences that say when and why a server stopped, to its user."""
    sentence = why_it_stopped(context, stop, "user")
    files = t(context, "files_kept") if sentence and stop.get("files") else Markup("")
    return Markup(" ").join(filter(None, (sentence, files)))


@pass_context
def why_it_stopped(context: Context, stop: Mapping[str, Any], user: str = "its-user") -> Markup:
    """Return the sentence that says when and why a server stopped.

    `user` is the reason to name if its user stopped it, who may or may not be the reader.
    """
    reason = stop.get("reason")
    name = f"stopped_{user if reason == 'user' else reason}"
    if name not in TEXTS:
        return Markup("")
    values = {"at": when(stop.get("at")), "service": stop.get("service", "")}
    if "seconds" in stop:
        values["duration"] = duration(context, stop["seconds"])
    return t(context, name, **values)


def seconds(number: float) -> str:
    """Return seconds in the form of the elapsed time, such as "1 min 5 s"."""
    minutes, rest = divmod(round(number), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@pass_context
def pending_texts(context: Context) -> dict[str, str]:
    """Return the texts that the script of a starting server shows."""
    overrides = context.get("texts")
    shown = {name: text(name, overrides) for name in TEXTS if name.startswith(SHOWN)}
    # the script fills these in
    open_texts = {
        "elapsed": text("elapsed", overrides, elapsed="{elapsed}"),
        "waits_until": text("waits_until", overrides, waiting="{waiting}", time="{time}"),
    }
    return {**shown, **open_texts}
