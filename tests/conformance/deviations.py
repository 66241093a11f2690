"""The intended differences between the embedded API and a real one, and their reasons."""

DEVIATIONS: dict[str, str] = {
    "apply_over_an_update": "who owns which field is kept for appliers only: what came by an "
    "update belongs to nobody, so that applying over it is no conflict",
    "put_another_uid": "the real answer names the object's key in etcd",
}
