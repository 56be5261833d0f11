"""Who sees what and who may do what; a module for each noun."""
