"""The sampler's own code as a hash; its place is named in the code that is hashed, and so it stays here too."""

from iskdyn.digest import sampler_digest

__all__ = ["sampler_digest"]
