"""What the database itself insists on, whatever the code above forgets (docs/adr/0008)."""
