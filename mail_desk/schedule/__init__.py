"""Clock → reminders → digests."""
