"""Judge the answers of an interview: transcript, measures, judgement and its evidence."""
