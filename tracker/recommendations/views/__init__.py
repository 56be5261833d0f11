"""HTTP in, HTTP out; a module for each noun."""
