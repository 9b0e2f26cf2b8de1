"""Who competes; a module each, imported in the process in which it does."""
