"""Models as installed: card, weights, operating point, and the engine that runs them."""
