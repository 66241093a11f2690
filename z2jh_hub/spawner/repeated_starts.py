"""Start a server again with the options of its last start."""

from __future__ import annotations

from .profile_choices import ProfileRefused
from .quotas import LimitedServers


class RepeatedStarts(LimitedServers):
    """A KubeSpawner whose last start can be requested again without the form."""

    def form_fields(self) -> dict[str, str]:
        """Return the fields of the form that request the options of the last start again."""
        options = self.user_options or {}
        slug = options.get("profile")
        prefix = f"profile-option-{slug}--"
        return {
            "profile" if key == "profile" else f"{prefix}{key}": value
            for key, value in options.items()
            if slug and isinstance(value, str)
        }

    def profile_to_start_again(self) -> str:
        """Return the name of the profile of the last start, or "" if it is not available now."""
        slug = (self.user_options or {}).get("profile")
        if not slug or not isinstance(slug, str):
            return ""
        if callable(self.profile_list):
            return self.profile_name(slug)
        try:
            offered = self._get_initialized_profile_list(self.profile_list)
        except ProfileRefused:
            return ""
        for profile in self.with_notes(offered or []):
            if profile["slug"] == slug and not profile.get("used_up"):
                return str(profile["display_name"])
        return ""
