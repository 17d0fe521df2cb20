"""Sets a checkout or a machine up: Python packages, llama.cpp, models and bundles of both."""
