"""The engine over HTTP: OpenFisca's web API, answered by a law of ours. No web framework: bytes in, bytes out."""
