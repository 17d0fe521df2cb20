"""Operating the service: probes, checks, calibration, capacity, stopping."""
