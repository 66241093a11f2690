"""Settings that contradict each other are rejected, all at once."""

from __future__ import annotations

import helm_python
import pytest
from support.charts import render

POSTGRES = "hub: {db: {type: postgres}}"
BOTH = "hub: {pdb: {enabled: true, minAvailable: 2, maxUnavailable: 1}}"


def refusal(values: str) -> str:
    with pytest.raises(helm_python.HelmError) as refused:
        render(values)
    return str(refused.value)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ("proxy: {https: {enabled: true}}", "proxy.https.hosts"),
        ("proxy: {https: {enabled: true}}", "proxy.https.letsencrypt.contactEmail"),
        ("proxy: {https: {enabled: true, type: manual}}", "proxy.https.manual.key"),
        ("proxy: {https: {enabled: true, type: manual}}", "proxy.https.manual.cert"),
        ("proxy: {https: {enabled: true, type: secret}}", "proxy.https.secret.name"),
        ("proxy: {service: {disableHttpPort: true}}", "proxy.service.disableHttpPort"),
        ("httpRoute: {enabled: true}", "httpRoute.parentRefs"),
        ("imagePullSecret: {create: true}", "imagePullSecret.password"),
        (BOTH, "hub.pdb"),
        (POSTGRES, "hub.db.url"),
        ("singleuser: {storage: {type: static}}", "singleuser.storage.static.pvcName"),
        ("hub: {extraFiles: {f: {mountPath: /f}}}", "hub.extraFiles.f"),
        (
            """
            singleuser:
              cloudMetadata: {blockWithIptables: true}
              networkPolicy: {egressAllowRules: {cloudMetadataServer: true}}
            """,
            "singleuser.cloudMetadata.blockWithIptables",
        ),
    ],
)
def test_each_problem_is_reported_with_its_key(values: str, key: str) -> None:
    message = refusal(values)
    assert f"error: {key}\n    given:    " in message
    assert "    expected: " in message


def test_all_problems_are_reported_together() -> None:
    message = refusal(f"{POSTGRES}\nproxy: {{https: {{enabled: true, type: secret}}}}")
    assert message.count("error: ") >= 2
    assert "hub.db.url" in message
    assert "proxy.https.secret.name" in message


def test_value_in_an_existing_secret_is_not_required() -> None:
    assert render("hub: {existingSecret: mine, db: {type: postgres}}")


def test_no_secret_is_shown() -> None:
    values = """
        proxy: {https: {enabled: true, type: manual, manual: {key: PRIVATE}}}
        imagePullSecret: {create: true, password: PRIVATE}
        """
    assert "PRIVATE" not in refusal(values)
