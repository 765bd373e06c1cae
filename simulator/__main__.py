"""``python -m simulator`` is ``gameday``."""

from simulator.cli import main

if __name__ == "__main__":
    main()
