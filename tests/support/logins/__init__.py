"""Log in through identity providers: stand-ins, a real OpenID provider, and a simple browser."""
