//! When an update is done, and how it failed: a state machine over observations.
