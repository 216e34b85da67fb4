class PlaygroundError(Exception):
    """Something that keeps the playground from playing, in a sentence for whoever sits before the terminal."""
