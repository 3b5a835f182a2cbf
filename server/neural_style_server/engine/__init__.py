"""The method: tensors in, tensors out. Knows nothing of HTTP, YAML, jobs or files."""
