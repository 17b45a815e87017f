"""The archive under other rules: which labels, events and alerts would change, and writing the new labels."""
