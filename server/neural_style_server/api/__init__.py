"""HTTP: requests become calls of the queue, the library and the image store, and errors become problems."""
