"""The same server without any cryptography, to measure the portal against."""
