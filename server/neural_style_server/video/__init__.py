"""Moving pictures as files: video files, by PyAV, and folders of numbered pictures, in and out."""
