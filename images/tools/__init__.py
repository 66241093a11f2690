"""What `images/build` is made of."""
