//! What both sides say.
