"""What readers put right in an article's labels: kept, published, followed and applied."""
