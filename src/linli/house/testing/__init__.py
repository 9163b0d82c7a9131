"""How tests get their database: a quick private cluster, a migrated template, a copy for each run."""
