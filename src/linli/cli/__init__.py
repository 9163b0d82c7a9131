"""The command line: `./linli <command> …`. One module a command in `commands/`, loaded when asked for."""
