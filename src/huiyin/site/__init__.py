"""Settings, addresses, layout, design system and the home page by role."""
