//! Keys and sealing: what opens a novel and what closes it. No I/O, no clock.
