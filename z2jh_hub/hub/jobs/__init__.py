"""What a hub does beside answering, again and again for as long as it runs."""
