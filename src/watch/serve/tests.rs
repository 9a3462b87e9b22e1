//! Real connections to a server on this machine.
