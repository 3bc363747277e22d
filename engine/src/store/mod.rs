//! Server state, the person's changes on top, and what is shown of both.
