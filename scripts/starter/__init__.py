"""Makes the starter models: their data, networks, training, export and evaluation."""
