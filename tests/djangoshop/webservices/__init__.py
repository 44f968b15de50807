"""The second server: the web services for payment and stock that a purchase calls."""
