"""The language model in this process: llama.cpp with its scheduler, prompts and forms."""
