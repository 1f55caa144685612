"""The desk: what is decided when a mail arrives, a person commands or a moment comes.

Every function here works inside its caller's transaction (`Work`), appends events and queues letters.
Nothing here talks IMAP or SMTP, and this is the one place that knows who hears of what.
"""
