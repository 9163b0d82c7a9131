"""The worker: regular work (`@beat`), delivery of events, and signs of life.

`worker.run(stop)` is the inner loop that `./linli worker` starts; `queries` tells how the workers are.
"""

from linli.kernel.beats.registry import beat

__all__ = ["beat"]
