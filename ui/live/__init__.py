"""The live page: camera, transport, settings, snapshots and downloads."""
