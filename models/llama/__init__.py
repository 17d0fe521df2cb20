"""The language model in this process: llama.cpp, its scheduler, prompts and forms."""
