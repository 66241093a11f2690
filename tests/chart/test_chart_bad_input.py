"""Settings that contradict each other are refused, all at once."""

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
def test_each_is_told_by_its_key(values: str, key: str) -> None:
    told = refusal(values)
    assert f"error: {key}\n    given:    " in told
    assert "    expected: " in told


def test_all_are_told_at_once() -> None:
    told = refusal(f"{POSTGRES}\nproxy: {{https: {{enabled: true, type: secret}}}}")
    assert told.count("error: ") >= 2
    assert "hub.db.url" in told
    assert "proxy.https.secret.name" in told


def test_what_stands_in_another_secret_is_not_asked_for() -> None:
    assert render("hub: {existingSecret: mine, db: {type: postgres}}")


def test_no_secret_is_shown() -> None:
    values = """
        proxy: {https: {enabled: true, type: manual, manual: {key: PRIVATE}}}
        imagePullSecret: {create: true, password: PRIVATE}
        """
    assert "PRIVATE" not in refusal(values)
