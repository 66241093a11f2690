"""HTTP statuses of the Kubernetes API that clients treat specially."""

# the API server is starting, busy or unreachable: the same request may succeed later
RETRYABLE = frozenset({429, 500, 502, 503, 504})
