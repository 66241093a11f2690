"""Examine a release of the chart on a live cluster, without changing anything.

releases   find the release in a namespace
gather     read the objects of the namespace, and what of the cluster may be read
snapshot   these objects, and questions about them
checks     one module for each subject: functions from a snapshot to findings
findings   a finding, and the report
facts      what a report says about every release, such as the room for more servers
formats    the report as text or JSON

Every id of a finding is described in docs/doctor.md.
"""

from __future__ import annotations
