"""One module for each part of the values; sections do not import each other."""
