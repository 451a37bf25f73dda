"""Every Chinese word Leadloop says or understands, kept as data."""
