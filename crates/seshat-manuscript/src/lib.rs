//! The novel as a document: binder, scene text, merge, counts. No I/O, no clock.
