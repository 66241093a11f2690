"""Real deployments' files: no error, except where the file is really wrong."""

from __future__ import annotations

from statistics import median

import pytest

from z2jh_hub.check import check

pytestmark = [pytest.mark.slow, pytest.mark.processes]

# file, rule, key: why this is no false alarm
REALLY_WRONG = {
    # Kubernetes refuses a container that requests more of a resource than its limit
    ("z2jh__lint-and-validate-values.yaml", "guarantee-above-limit",
     "singleuser.extraResource.guarantees.mock"),
    # the placeholder of an encrypted part mounts a volume that the file does not have
    ("berkeley__datahub__prod.yaml", "undefined-volume",
     "hub.extraContainers.0.volumeMounts.0.name"),
    ("berkeley__datahub__staging.yaml", "undefined-volume",
     "hub.extraContainers.0.volumeMounts.0.name"),
    # a stand-in of 8 characters for an encryption key
    ("z2jh__lint-and-validate-values.yaml", "secret", "hub.config.CryptKeeper.keys.0"),
}  # fmt: skip
# mock values: JupyterHub refuses a service that has oauth_roles, but no address, and KubeSpawner a
# container with imagePullSecret
REFUSED_BY_THE_HUB = {
    ("z2jh__lint-and-validate-values.yaml", "hub-start", "hub.services.test-service-4"),
    ("z2jh__lint-and-validate-values.yaml", "start-fails",
     "singleuser.initContainers.0.imagePullSecret"),
}  # fmt: skip
# code of 2023 that appends to what is a mapping today, argued in docs/rules/start-fails.md
LIST_CODE = ("start-fails", "hub.extraConfig.01-custom-attr-spawner")
# warnings that more than ten files may have: their hub image was made for the public chart
EXPECTED = {
    "image-tag",
    "hub-image",
    # half of these files list what users may reach, and leave the default rules on
    "egress-adds",
}


def test_no_error_in_files_that_work(real_files):
    assert len(real_files) > 60
    result = [(file.name, problem) for file in real_files for problem in check([file], run=False)]
    errors = {(name, p.rule, p.key) for name, p in result if p.severity == "error"}
    assert errors == REALLY_WRONG


@pytest.mark.timeout(900)
def test_running_their_code_finds_no_more_errors(real_files):
    result = [(file.name, check([file])) for file in real_files]
    errors = {(name, p.rule, p.key) for name, problems in result for p in problems
              if p.severity == "error"}  # fmt: skip
    argued = {(name, rule, key) for name, rule, key in errors if (rule, key) == LIST_CODE}
    assert argued, "files of 2023 append to what is a mapping today"
    assert errors - argued == REALLY_WRONG | REFUSED_BY_THE_HUB


def test_no_rule_warns_of_what_most_do(real_files):
    reported = [{p.rule for p in check([file], run=False) if p.severity != "note"}
            for file in real_files]  # fmt: skip
    often = {rule for rules in reported for rule in rules if sum(rule in r for r in reported) > 10}
    assert often <= EXPECTED


@pytest.mark.timeout(900)
def test_files_that_work_get_two_warnings_in_the_median(real_files):
    problems = [check([file]) for file in real_files]
    warnings = [sum(p.severity == "warning" for p in result) for result in problems]
    assert median(warnings) <= 2
    classes = [sum(p.rule == "unknown-class" for p in result) for result in problems]
    assert max(classes) == 1, "classes of a custom image are one note"
