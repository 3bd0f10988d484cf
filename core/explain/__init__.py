"""Why a model answered so: what it looked at, and how robust it is to corruptions."""
