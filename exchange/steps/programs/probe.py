"""What shows that the sandbox works here: the packages load and nothing else happens."""

import sys

import lxml.etree  # noqa: F401
import pikepdf  # noqa: F401

sys.stdout.write("ready")
