"""Where the faces are: several detectors behind one protocol, tiled inference and nms."""
