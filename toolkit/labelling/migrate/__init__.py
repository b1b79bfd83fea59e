"""From one label scheme to the next: label files, projects and suggestions."""
