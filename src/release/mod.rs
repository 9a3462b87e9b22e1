//! What stackup keeps in the swarm itself, in config objects of its own that belong to no stack.

pub mod key;
