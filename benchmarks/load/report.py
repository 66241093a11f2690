"""The figures of both hubs as a table."""

from __future__ import annotations

from statistics import median

# label, unit's factor, decimals
FIGURES = {
    "start_cpu": ("start to /hub/health, CPU s", 1, 2),
    "idle_memory": ("idle memory, hub and culler, MB", 1, 0),
    "cpu_per_start": ("CPU per start, ms", 1000, 1),
    "ready_p50": ("ready p50, s", 1, 2),
    "ready_p99": ("ready p99, s", 1, 2),
    "failed_starts": ("starts that failed and were repeated", 1, 0),
    "memory_after": ("memory after the starts, hub and culler, MB", 1, 0),
    "idle_cpu": ("idle CPU with all servers, %", 100, 2),
    "activity_cpu": ("CPU per posted activity, ms", 1000, 2),
    "restart_cpu": ("restart, all servers known, CPU s", 1, 2),
    "stop_cpu": ("CPU per stopped server, ms", 1000, 1),
    "culled_per_second": ("servers culled per second", 1, 1),
    "harness_share": ("harness's share of the CPU, %", 100, 0),
}


def table(results: dict[str, list[dict[str, float]]]) -> str:
    """Return a Markdown table: medians of both sides, and the ratio with its spread."""
    lines = ["| figure | plain | ours | ratio | spread |", "|---|---|---|---|---|"]
    for name, (label, factor, decimals) in FIGURES.items():
        plain, ours = ([run[name] for run in results[side]] for side in ("plain", "ours"))
        ratios = [b / a if a else float("nan") for a, b in zip(plain, ours, strict=True)]
        a, b = (f"{median(each) * factor:.{decimals}f}" for each in (plain, ours))
        spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
        lines.append(f"| {label} | {a} | {b} | {median(ratios):.2f} | {spread} |")
    return "\n".join(lines)
