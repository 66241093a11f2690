"""One module for each part of the values; sections do not import each other.

A section has, of these, what it needs:

    KEYS                   the table of its values (see `z2jh_hub.config.keys`)
    problems(values)       mistakes that a row of the table cannot tell
    apply(values, c)       sets what the table cannot; touches nothing but `c`
    finish(values, c)      what must hold after the administrator's own code has run
    environment(values)    variables that the hub's process needs
"""
