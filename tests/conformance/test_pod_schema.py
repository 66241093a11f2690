"""The schema of pods and claims equals the one that a real API server publishes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[2]


async def test_pod_schema_equals_the_api_servers(real_url: str, session: aiohttp.ClientSession):
    spec = importlib.util.spec_from_file_location("pod_schema", ROOT / "tools/pod_schema.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    async with session.get(f"{real_url}/openapi/v3/api/v1") as answer:
        published = await answer.json()
    assert tool.types(published) == json.loads(tool.TARGET.read_text("utf-8"))
