"""`python -m iskdyn.cli`."""

from iskdyn.cli.app import main

main()
