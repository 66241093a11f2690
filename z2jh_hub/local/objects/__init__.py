"""What the API keeps: the kinds of object, what they must be, what becomes of them."""
