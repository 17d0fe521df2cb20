"""When a person hears silence after they begin to interrupt."""
