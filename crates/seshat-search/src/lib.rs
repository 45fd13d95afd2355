//! Finding text in open scenes, in memory only.
