from z2jh_hub.configure import configure

configure(c)  # noqa: F821
