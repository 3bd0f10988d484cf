"""Pictures in and out: decoded under bounds, fetched from the web, cropped, resized and encoded."""
