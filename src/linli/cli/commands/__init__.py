"""One module a command: `run(home, words) -> exit code`. Its docstring's first line is its help."""
