"""How `z2jh dev` ends, and what the next run continues with."""

from __future__ import annotations

import os
import signal

import psutil
from support.dev import Person, gone, until, z2jh

STATIC = {"storage": {"type": "static", "static": {"pvcName": "shared", "subPath": "{username}"}}}


def test_ctrl_c_leaves_no_process_and_the_next_run_has_all_data(run_dev):
    first = run_dev()
    ada = Person(first.ready(), "ada")
    ada.start()
    ada.write("kept.txt", "still here")
    before = first.processes()
    names = {" ".join(each.cmdline()) for each in before}
    for part in ("z2jh_hub.local", "configurable-http-proxy", "jupyterhub-singleuser", "guardian"):
        assert any(part in name for name in names), part
    assert first.end(signal.SIGINT) == 0
    assert first.processes() == []
    assert gone(before)
    assert "Stopped. Users and their files are kept." in first.printed()
    assert first.ps()["pods"] == []
    assert first.ps()["url"] is None

    second = run_dev(port=first.port).ready()
    # the cookie of the first run is valid in the second
    assert ada.servers() == {}, "a server that was stopped is known to be"
    ada.start()
    assert ada.read("kept.txt") == "still here"
    os.kill(second.process.pid, signal.SIGTERM)
    assert second.process.wait(60) == 0
    assert second.processes() == []


def test_a_killed_dev_leaves_servers_that_the_next_one_keeps(run_dev):
    first = run_dev().ready()
    bob = Person(first, "bob")
    bob.start()
    assert bob.own("GET", "api/status").status_code == 200
    [server] = [p for p in first.processes() if "-m jupyterhub" not in _words(p) and _is_server(p)]
    services = [p for p in first.processes() if not _in_a_pod(p)]
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: gone(services), "the end of what served the killed dev")
    assert server.is_running()
    left = z2jh("dev", "ps", "--state", first.state)
    assert "One that was killed left these servers" in left.stdout
    assert "bob" in left.stdout

    second = run_dev(port=first.port).ready()
    assert f"An earlier z2jh dev (process {first.process.pid}) was killed" in second.printed()
    assert bob.servers()[""]["ready"] is True
    assert bob.own("GET", "api/status").status_code == 200
    assert server.is_running()
    [pod] = second.ps()["pods"]
    assert (pod["user"], pod["status"]) == ("bob", "Running")
    second.end()
    assert not server.is_running()


def test_stop_ends_what_a_killed_dev_and_its_guardian_left(run_dev):
    dev = run_dev().ready()
    cleo = Person(dev, "cleo")
    cleo.start()
    everything = dev.processes()
    [proxy] = [each for each in everything if "configurable-http-proxy" in _words(each)]
    for each in everything:
        if "guardian" in _words(each):
            each.kill()
    dev.end(signal.SIGKILL)
    assert not gone([proxy])
    assert z2jh("dev", "stop", "--state", dev.state).stdout == "Stopped.\n"
    assert gone(everything)
    assert dev.processes() == []
    assert "Nothing runs in" in z2jh("dev", "stop", "--state", dev.state).stdout
    assert [home["user"] for home in dev.ps()["claims"]] == ["cleo"]


def test_static_homes_the_culler_and_reset(run_dev):
    culling = {"cull": {"enabled": True, "every": 1, "timeout": 8}, "singleuser": STATIC}
    dev = run_dev(culling).ready()
    dan = Person(dev, "dan")
    dan.start()
    dan.write("kept.txt", "in a shared volume")
    dan.until_stopped()  # the culler stops it
    assert dev.ps()["pods"] == []
    [shared] = (dev.state / "claims").glob("*/shared")
    assert (shared / "dan" / "kept.txt").read_text() == "in a shared volume"

    done = z2jh("dev", "reset", "--yes", "--state", dev.state)
    assert done.returncode == 0, done.stderr
    assert "Homes that are kept: 1, in" in done.stdout
    assert dev.process.wait(10) == 0, "reset has stopped it"
    assert not (dev.state / "hub").exists()
    assert (shared / "dan" / "kept.txt").exists()

    refused = z2jh("dev", "reset", "--homes", "--state", dev.state, answer="yes\n")
    assert refused.returncode == 1
    assert "It removes the home shared" in refused.stdout
    assert shared.exists()
    agreed = z2jh("dev", "reset", "--homes", "--state", dev.state, answer="delete homes\n")
    assert agreed.returncode == 0, agreed.stderr
    assert not shared.exists()


def _words(process: psutil.Process) -> str:
    return " ".join(process.cmdline())


def _is_server(process: psutil.Process) -> bool:
    return "jupyterhub-singleuser" in _words(process) and process.name() != "sh"


def _in_a_pod(process: psutil.Process) -> bool:
    return "Z2JH_POD_UID" in process.environ()
