import sys

from linli.cli.main import main

sys.exit(main(sys.argv[1:]))
