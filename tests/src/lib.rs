//! Journeys over the real programs.
