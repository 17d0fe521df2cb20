"""`vivavoce engines`: recognizer, voice and end of turn for services on other machines."""
