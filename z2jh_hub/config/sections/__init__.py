"""One module for each part of the values; sections do not import each other.

A section defines what it needs of:

    KEYS                   the table of its values (see `z2jh_hub.config.keys`)
    problems(values)       problems that the table cannot detect
    apply(values, c)       sets what the table cannot; changes only `c`
    finish(values, c)      runs after the administrator's code
    environment(values)    environment variables for the hub's process
"""
