"""`python -m z2jh_hub.local`: the embedded Kubernetes API and its kubelet as a process."""

import argparse
import logging
import sys
from pathlib import Path

from .kubelet.images import parse_rule
from .server import Settings, main


def settings_from(arguments: list[str]) -> Settings:
    """The command line as settings; exits with a usage message when it is wrong."""
    parser = argparse.ArgumentParser("python -m z2jh_hub.local", description=__doc__)
    add = parser.add_argument
    add("--state", type=Path, required=True, help="the directory that holds everything")
    add("--port", type=int, default=0, help="of the API on 127.0.0.1; 0: any free one")
    add("--token-file", type=Path, help="holds the API's token; made when absent")
    add("--namespace", default="default", help="made at the start, and the kubeconfig's")
    add("--image", action="append", default=[], metavar="PATTERN=COMMAND",
        help="run COMMAND for images that match")  # fmt: skip
    add("--fake", type=float, metavar="SECONDS", help="no processes: pods are ready after this")
    add("--fake-jitter", type=float, default=0.0, metavar="SECONDS", help="more or less of it")
    add("--single-address", action="store_true", default=None, help="all pods on 127.0.0.1")
    add("--ready-file", type=Path, help="written (JSON: pid, port, url) once all is ready")
    add("--stop-limit", type=float, default=15.0, metavar="SECONDS", help="for stopping all pods")
    options = parser.parse_args(arguments)
    try:
        images = [parse_rule(text) for text in options.image]
    except ValueError as error:
        parser.error(str(error))
    return Settings(
        state=options.state,
        port=options.port,
        token_file=options.token_file,
        namespace=options.namespace,
        images=images,
        fake=options.fake,
        jitter=options.fake_jitter,
        ready_file=options.ready_file,
        single_address=options.single_address,
        stop_limit=options.stop_limit,
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(main(settings_from(sys.argv[1:])))
