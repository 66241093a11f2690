"""Examine a release of the chart on a live cluster, without changing anything.

examine       the whole examination, from the cluster to the report
releases      find the release in a namespace
gather        read the objects of the namespace, and what of the cluster may be read
snapshot      these objects, and questions about them
checks        one module for each subject: functions from a snapshot to findings
causes        why a pod does not run
headroom      how many more servers fit on the nodes
standards     what the Pod Security Standards refuse
certificates  what Secrets with certificates contain; `tls_secrets` finds them
facts         what a report says about every release
findings      a finding, and the report
formats       the report as text or JSON
bundle        an archive for support; `redaction` hides secrets in it

Every id of a finding is described in docs/doctor.md.
"""

from __future__ import annotations
