"""Real files for the tests of steps: made by scripts here, or public domain with their origin."""
