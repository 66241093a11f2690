"""The texts of the hub's pages, in one place, so that a deployment can change or translate them.

A deployment overrides texts by name in the template variable `texts`
(`hub.templateVars.texts`). Names in braces are replaced. Messages about failed starts are in
`failures.catalogue`, and are changed with `hub.failures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

TEXTS = {
    # the home page
    "home": "Your servers",
    "server": "My server",
    "open": "Open my server",
    "open_named": "Open {name}",
    "start": "Start my server",
    "start_named": "Start {name}",
    "start_again": "Start {profile} again",
    "choose": "Choose another server",
    "stop": "Stop my server",
    "stop_named": "Stop {name}",
    "delete_named": "Delete {name}",
    "delete_confirm": "Delete the server {name}? Your files are kept.",
    "running": "Running",
    "starting": "Starting",
    "stopping": "Stopping",
    "stopped": "Not running",
    "show_start": "Show progress",
    "profile": "Profile",
    "resources": "Resources",
    "started": "Started",
    "stops": "Stops",
    "stops_idle": "at {at} if unused",
    "stops_age": "at {at}, its maximum age",
    "hours": "Hours this week",
    "hours_used": "{used} used, {left} of {limit} left",
    "more_servers": "More servers",
    "new_server": "Name of a new server",
    "add_server": "Add a server",
    "server_limit": "You may have up to {limit} servers with names.",
    "invalid_names": "The names of these servers are no longer valid in JupyterHub 6: {names}.",
    "request_failed": "This did not work. Reload the page and try again.",
    # why a server stopped
    "stopped_user": "You stopped it at {at}.",
    "stopped_admin": "Stopped at {at} by an administrator.",
    "stopped_other-user": "Stopped at {at} by another user.",
    "stopped_service": "Stopped at {at} by the service {service}.",
    "stopped_idle": "Stopped at {at} because it was unused for {duration}.",
    "stopped_max-age": "Stopped at {at} because it reached its maximum age of {duration}.",
    "stopped_memory": "Stopped at {at} because it ran out of memory.",
    "stopped_evicted": "Stopped at {at} because the machine that it ran on was short of resources "
    "or taken out of service.",
    "stopped_preempted": "Stopped at {at} to make room for something more important.",
    "stopped_node-lost": "Stopped at {at} because the machine that it ran on failed.",
    "stopped_ended": "It shut itself down at {at}.",
    "stopped_crashed": "It crashed at {at}.",
    "stopped_deleted": "Stopped at {at} because it was removed from the cluster.",
    "stopped_hub": "Stopped at {at} because JupyterHub was shut down.",
    "files_kept": "Your files are kept.",
    "start_failed": "The last start failed.",
    "minute": "a minute",
    "minutes": "{number} minutes",
    "hour": "an hour",
    "hours_long": "{number} hours",
    "day": "a day",
    "days": "{number} days",
    # a server that starts or stops
    "server_starting": "Your server is starting",
    "server_starting_named": "The server {name} is starting",
    "opens_itself": "This page opens the server as soon as it is ready.",
    "progress": "Progress of the start",
    "steps": "Steps of the start",
    "step_node": "Finding a machine",
    "step_disk": "Connecting your disk",
    "step_image": "Downloading the image",
    "step_start": "Starting the server",
    "step_open": "Opening your files",
    "step_done": "done",
    "step_now": "in progress",
    "elapsed": "Elapsed time: {elapsed}",
    "waits_until": "{waiting} This can take until {time}.",
    "usual": "Usually ready after {usual}.",
    "details": "Details",
    "event_FailedScheduling": "Waiting for room on the cluster.",
    "event_TriggeredScaleUp": "The cluster is growing to make room for your server. This takes "
    "some minutes.",
    "event_FailedAttachVolume": "Waiting for your disk.",
    "event_FailedMount": "Waiting for your disk.",
    "cancel": "Cancel",
    "cancelling": "Cancelling …",
    "no_answer": "JupyterHub does not answer. This page continues as soon as it does.",
    "server_stopping": "Your server is stopping",
    "server_stopping_named": "The server {name} is stopping",
    "stopping_about": "You can start it again once it has stopped. This page continues by itself.",
    "check_again": "Check again",
    # a server that does not run, or could not be started
    "not_running": "Your server is not running",
    "not_running_named": "The server {name} is not running",
    "not_started": "Your server was not started",
    "not_started_named": "The server {name} was not started",
    "could_not_start": "Your server could not be started",
    "could_not_start_named": "The server {name} could not be started",
    "starts_itself": "It starts by itself in a few seconds.",
    "cleaning_up": "What is left of it is being removed. You can try again in a moment; this page "
    "continues by itself.",
    "hub_error": "An error occurred in this JupyterHub.",
    "try_again": "Try again",
    "rescue": "Start a rescue server",
    "rescue_about": "A rescue server is a small server that has your files in {path}, so that you "
    "can delete or repair them.",
    "rescue_banner": "This is a rescue server. Your files are in {path}. When you have repaired "
    "them, stop it and start an ordinary server.",
    "rescue_banner_named": "{name} is a rescue server. Your files are in {path}. When you have "
    "repaired them, stop it and start an ordinary server.",
    "rescue_name": "Rescue server",
    "report": "Details for your administrator",
    "copy_report": "Copy details for your administrator",
    "copied": "Copied.",
    "copy_failed": "Select and copy the text above.",
    # the page of administrators
    "failed_starts": "Failed starts in the last 24 hours",
    "no_failed_starts": "No start failed in the last 24 hours.",
    "cause": "Cause",
    "how_often": "Starts",
    "last_time": "Last",
    "users": "Users",
    "users_more": "and {number} more",
    "last_starts": "Last starts",
    "last_starts_of": "Last starts with the cause {cause}",
    "cause_unknown": "An error that JupyterHub does not recognize. Its log has the details.",
    "cause_timeout": "The server did not start in time. JupyterHub's log has the details.",
    "start_of": "The server of {user} could not be started: {why}",
    "start_of_named": "The server {name} of {user} could not be started: {why}",
    "close": "Close",
    "details_of": "Details of {server}",
    "stopped_servers": "Servers that stopped, and homes",
    "no_stopped_servers": "No server has stopped yet.",
    "no_servers_found": "No server that stopped has a user with this name.",
    "search_user": "Name of a user",
    "search_start": "Search",
    "servers_found": "Servers shown: {number}",
    "user": "User",
    "server_column": "Server",
    "default_server": "default",
    "last_stop": "Last stop",
    "home_column": "Home",
    "home_size": "{size} claim",
    "stopped_its-user": "Its user stopped it at {at}.",
    # errors
    "error_400": "This request cannot be understood",
    "error_403": "You have no access to this page",
    "error_404": "Page not found",
    "error_409": "This is not possible at the moment",
    "error_429": "Too many requests at the moment",
    "error_500": "An error occurred in this JupyterHub",
    "error_502": "The server does not answer",
    "error_503": "The server does not answer",
    "error_504": "The server does not answer",
    "advice_400": "Go back and try again.",
    "advice_403": "If you need it, ask the administrators of this JupyterHub.",
    "advice_404": "Check the address, or continue from your home page.",
    "advice_429": "Wait a moment, then try again.",
    "advice_500": "Try again. If it happens again, report the time to the administrators of "
    "this JupyterHub.",
    "advice_503": "It may have stopped. You can start it again from your home page.",
    "login_refused": "Your account may not use this JupyterHub",
    "login_failed": "You could not be logged in",
    "advice_login_refused": "Ask its administrators for access. To use another account, log out "
    "of this one first.",
    "advice_login_failed": "Try again. If it happens again, report the time to the administrators "
    "of this JupyterHub.",
    "to_home": "Home",
    "log_in": "Log in",
    # the form
    "form": "Start your server",
    "form_named": "Start the server {name}",
    "form_of": "This is a server of {user}.",
    "form_start": "Start",
    "choose_profile": "Choose a server",
    "search": "Search the servers",
    "search_found": "{number} of {total} servers",
    "full_or_broken": "My files are full or broken",
    "rescue_option": "A small server that has your files in {path}, so that you can delete or "
    "repair them.",
    "memory": "{amount} of memory",
    "cpus": "{amount} CPUs",
    "cpu": "1 CPU",
    "gpus": "{amount} GPUs",
    "gpu": "1 GPU",
}


def text(name: str, overrides: Any = None, /, **values: Any) -> Markup:
    """Return a text with its values filled in, escaped; without a mistaken override."""
    changed = overrides.get(name) if isinstance(overrides, Mapping) else None
    for template in (changed, TEXTS[name]):
        if isinstance(template, str):
            try:
                return Markup(template).format(**values)
            except (LookupError, ValueError):
                continue
    return Markup("")
