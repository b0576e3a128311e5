"""What is special to single file formats: what Pillow reads wrong, unsafely or not at all, and what each can hold."""
