"""Settings of the private cluster, as command-line parameters: no file to edit, none to go stale."""

from __future__ import annotations

import os


def memory_mb() -> int:
    """Memory this process may use: the machine's, or the container's limit if that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit_file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(limit_file) as file:
                total = min(total, int(file.read()))
        except (OSError, ValueError):
            continue
    return total // (1024 * 1024)


def settings(memory: int, *, durable: bool, wal_mb: int = 1024) -> dict[str, str]:
    """Parameters for a machine with `memory` MB that also runs the web server and the worker.

    durable=False is for tests: nothing survives a crash of the machine, everything is quicker.
    """
    shared = max(32, min(memory // 8, 4096))
    chosen = {
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "work_mem": f"{max(4, min(memory // 256, 64))}MB",
        "maintenance_work_mem": f"{max(32, min(memory // 16, 512))}MB",
        "max_connections": "100",
        "max_wal_size": f"{wal_mb}MB",
        "min_wal_size": "80MB",
        "wal_compression": "on",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "jit": "off",  # its compile time is longer than any of our queries
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "iso, ymd",
        "log_line_prefix": "%m [%p] ",
        "log_min_messages": "warning",
        "log_min_error_statement": "panic",  # statements carry people's data: not into logs
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "password_encryption": "scram-sha-256",
        "tcp_keepalives_idle": "60",
        "idle_in_transaction_session_timeout": "5min",
    }
    if not durable:
        chosen |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "autovacuum": "off",
            "max_connections": "300",
            "shared_buffers": "128MB",
        }
    return chosen
