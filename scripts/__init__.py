"""Programs that people run; what they consist of is in setup/, measure/ and starter/."""
