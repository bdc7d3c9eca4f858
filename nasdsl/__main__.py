"""`python -m nasdsl`: the same program as the command `nasdsl`."""

from nasdsl.cli import main

if __name__ == "__main__":
    main()
