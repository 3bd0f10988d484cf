"""Who works when: turns for photos, live video first, and work that asks whether it is still wanted."""
