//! The use cases: the only place where keys, text and storage meet.
