"""Training: data, recipes, fitting, evaluation, export; each module beside the folders is a command."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's lines about itself are nobody's errors
