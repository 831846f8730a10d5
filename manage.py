#!/usr/bin/env python3
"""Django's command line for Sealpost."""

import os
import sys

sys.dont_write_bytecode = True  # what runs writes below SEALPOST_DATA alone; `make setup` compiles

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:  # Ctrl-C before or beside what handles it: no trace of where it came
        sys.exit(130)
