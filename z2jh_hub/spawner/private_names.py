"""Every private name of JupyterHub and KubeSpawner that this project depends on, and why.

JupyterHub and KubeSpawner may change these names in any release. `PRIVATE_NAMES` is the one list of
them; tests/spawner/test_upstream.py compares each with the release that was last reviewed.
"""

from __future__ import annotations

from dataclasses import dataclass

KUBESPAWNER = "kubespawner.spawner:KubeSpawner"
REFLECTOR = "kubespawner.reflector:ResourceReflector"


@dataclass(frozen=True)
class PrivateName:
    """A name that is not part of a documented interface.

    owner   module and class, as `module:class`, or a module
    name    the attribute of the owner
    how     called, overridden, replaced, read or set
    why     what would break if it changed
    users   the modules that use it, relative to `z2jh_hub`
    """

    owner: str
    name: str
    how: str
    why: str
    users: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


def _of(owner: str, *rows: tuple[str, str, str, str]) -> tuple[PrivateName, ...]:
    return tuple(
        PrivateName(owner, name, how, why, tuple(users.split())) for name, how, why, users in rows
    )


PRIVATE_NAMES: tuple[PrivateName, ...] = (
    *_of(
        KUBESPAWNER,
        ("_apply_overrides", "replaced", "shows which overrides of a profile a start applies",
         "sandbox/play.py"),
        ("_build_common_annotations", "overridden", "annotates every object with its owner",
         "spawner/owned_objects.py"),
        ("_check_pvc_exists", "overridden", "finds claims under the names of earlier slug schemes",
         "spawner/homes.py sandbox/played.py"),
        ("_deprecated_traits", "read", "knows the current names of deprecated traits",
         "sandbox/table.py"),
        ("_ensure_namespace", "replaced", "checks configuration without a cluster",
         "sandbox/played.py"),
        ("_ensure_not_exists", "overridden", "deletes a Secret or Service before a start",
         "spawner/owned_objects.py"),
        ("_expand_all", "called", "expands templates in volumes and paths",
         "spawner/homes.py spawner/pod_overrides.py spawner/rescue.py"),
        ("_expand_user_properties", "called", "expands templates in the names of objects",
         "spawner/homes.py spawner/owned_objects.py spawner/path_owners.py"),
        ("_get_initialized_profile_list", "overridden", "fills in the profiles that a user gets",
         "spawner/profiles.py spawner/repeated_starts.py spawner/upstream.py sandbox/play.py"),
        ("_get_profile", "called", "selects the profile of a start",
         "spawner/profiles.py sandbox/play.py"),
        ("_get_reflector_key", "called", "finds the reflector that a spawner would use",
         "spawner/api_outages.py"),
        ("_load_profile", "overridden", "applies a profile, except to a rescue server",
         "spawner/rescue.py sandbox/play.py"),
        ("_make_create_pod_request", "overridden", "creates the pod, with retries",
         "spawner/api_outages.py sandbox/played.py"),
        ("_make_create_pvc_request", "overridden", "creates the home, unless it is another user's",
         "spawner/homes.py sandbox/played.py"),
        ("_make_delete_pod_request", "overridden", "deletes only pods of this server",
         "spawner/owned_objects.py"),
        ("_make_delete_pvc_request", "overridden", "deletes only claims of this user",
         "spawner/deleted_users.py"),
        ("_namespace_default", "replaced", "expands templates for another user without a file",
         "spawner/path_owners.py"),
        ("_options_form_default", "overridden", "has the form rendered on each visit",
         "spawner/profiles.py"),
        ("_options_from_form", "overridden", "limits what is logged of unknown fields",
         "spawner/profiles.py"),
        ("_render_options_form", "overridden", "adds quota and rescue to the form",
         "spawner/profiles.py"),
        ("_render_options_form_dynamically", "overridden", "renders the form on each visit",
         "spawner/profiles.py"),
        ("_sorted_dict_values", "called", "turns mappings of volumes and profiles into lists",
         "spawner/profiles.py spawner/rescue.py spawner/stops.py spawner/upstream.py"),
        ("_start_reflector", "overridden", "restarts a stale reflector before it is used",
         "spawner/api_outages.py"),
        ("_start_watching_events", "replaced", "checks configuration without a cluster",
         "sandbox/played.py"),
        ("_start_watching_pods", "called", "has the pods listed before ownership is decided",
         "spawner/owned_objects.py sandbox/played.py"),
        ("_validate_user_options", "overridden", "refuses choices that a user does not have",
         "spawner/profiles.py"),
        # not private by name, but not documented for subclasses either
        ("events", "overridden", "shows only the events of this server's own pod",
         "spawner/owned_objects.py spawner/start_failures.py"),
        ("_last_event", "read", "shows only the events of this start",
         "spawner/owned_objects.py"),
        ("_start", "read", "continues a start when its pod changes",
         "hub/speed/pod_changes.py"),
        ("load_user_options", "overridden", "decides ownership when the options are known",
         "spawner/owned_objects.py spawner/rescue.py"),
        ("pod_reflector", "overridden", "shows only this server's own pod",
         "spawner/owned_objects.py spawner/start_failures.py"),
        ("start", "overridden", "follows the start until the server answers",
         "spawner/start_failures.py"),
        ("poll", "overridden", "treats an unreachable API as unknown",
         "spawner/api_outages.py spawner/profiles.py spawner/quotas.py"),
        ("progress", "overridden", "reports what holds a start up",
         "spawner/start_failures.py spawner/rescue.py"),
        ("get_pod_manifest", "overridden", "merges overrides and completes security contexts",
         "spawner/start_failures.py spawner/pod_overrides.py spawner/pod_security.py"),
    ),
    *_of(
        "kubespawner.spawner:KubeSpawner.__init__",
        ("_pvc_exists", "set", "tells KubeSpawner that the home was found", "spawner/homes.py"),
        ("_start_future", "read", "cancels a start that is given up", "spawner/start_failures.py"),
    ),
    *_of(
        REFLECTOR,
        ("_list_and_update", "overridden", "records when all objects were last listed",
         "spawner/reflectors.py hub/speed/json_parsing.py"),
        ("start", "called", "restarts a stale reflector", "spawner/reflectors.py"),
        ("stop", "called", "restarts a stale reflector", "spawner/reflectors.py"),
        ("_stopping", "set", "lets a stopped reflector start again", "spawner/reflectors.py"),
    ),
    *_of(
        "jupyterhub.spawner:Spawner",
        ("_check_pending", "read", "recognizes the check of servers when the hub starts",
         "spawner/api_outages.py"),
        ("_log_name", "read", "names a server in the log",
         "spawner/owned_objects.py spawner/api_outages.py spawner/homes.py spawner/profiles.py "
         "spawner/deleted_users.py hub/reload/logins.py"),
        ("_run_apply_user_options", "called", "checks configuration as a start would",
         "sandbox/play.py"),
        ("_spawn_future", "read", "waits for the end of a start",
         "hub/counted_failures.py spawner/stops.py"),
    ),
    *_of(
        "jupyterhub.user:User",
        ("spawn", "replaced", "turns errors of a start into refusals that users can read",
         "hub/counted_failures.py"),
    ),
    *_of(
        "jupyterhub.objects:Server",
        ("wait_up", "replaced", "keeps the starting hub from stopping servers that do not answer",
         "spawner/api_outages.py"),
    ),
    *_of(
        "jupyterhub.roles",
        ("get_default_roles", "replaced", "removes access to servers from the role admin",
         "hub/admin_access.py"),
    ),
    *_of(
        "jupyterhub.handlers.base:BaseHandler",
        ("stop_single_user", "replaced", "records who requests a stop", "hub/stop_requests.py"),
    ),
    *_of(
        "jupyterhub.apihandlers.base:APIHandler",
        ("prepare", "replaced", "limits the size of a user's request to the API",
         "hub/request_limits.py"),
    ),
    *_of(
        "jupyterhub.apihandlers.users:UserServerAPIHandler",
        ("prepare", "replaced", "limits the size of a request for a server",
         "hub/request_limits.py"),
    ),
    *_of(
        "jupyterhub.handlers.pages:SpawnHandler",
        ("prepare", "replaced", "limits the size of a request for a server",
         "hub/request_limits.py"),
        ("_render_form", "replaced", "shows the form of the requested server again",
         "hub/pages/__init__.py"),
        ("render_template", "replaced", "names the requested server on its form",
         "hub/pages/__init__.py"),
    ),
    *_of(
        "jupyterhub.app:JupyterHub",
        ("init_tornado_settings", "replaced", "adds our templates, and what they use",
         "hub/pages/__init__.py"),
        ("init_handlers", "replaced", "adds the report that the page of administrators loads",
         "hub/pages/__init__.py"),
        ("_load_classes", "replaced", "imports only the classes that the hub uses",
         "hub/speed/classes.py"),
        ("init_users", "called", "applies reloaded lists of users", "hub/reload/logins.py"),
        ("init_role_assignment", "called", "applies reloaded administrators",
         "hub/reload/logins.py"),
        ("init_blocked_users", "called", "applies reloaded blocked users", "hub/reload/logins.py"),
        ("_service_map", "read", "finds the services of the hub",
         "hub/reload/culler.py hub/jobs/routes.py hub/culling/__init__.py "
         "hub/speed/route_activity.py"),
    ),
)  # fmt: skip
