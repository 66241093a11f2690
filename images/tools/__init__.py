"""The modules of `images/build`."""
