"""Make the pods and claims that the configuration leads to, and find what is wrong with them."""
