//! Against a server on this machine that answers as it is told to.
