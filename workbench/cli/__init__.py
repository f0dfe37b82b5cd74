# SPDX-License-Identifier: Apache-2.0
"""The command line: every run that is possible in the app is possible here, with the same numbers."""

from __future__ import annotations


def main() -> None:
    """Entry of the command ``workbench``: errors that users can mend become one line and an exit code."""
    import io
    import sys

    from registry.errors import WorkbenchError
    from workbench.cli.application import application
    from workbench.cli.output import USAGE, complain

    for stream in (sys.stdout, sys.stderr):  # a terminal without the letter shows its number instead
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        application()
    except WorkbenchError as error:
        complain(str(error))
        sys.exit(USAGE)
    except BrokenPipeError:  # `workbench runs | head` closes early: nothing is wrong
        sys.stderr.close()
