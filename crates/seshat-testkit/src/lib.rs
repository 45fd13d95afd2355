//! Small novels, seeded randomness, evil servers and fault proxies for tests.
