//! Arguments, settings and exit codes; a file a command.
