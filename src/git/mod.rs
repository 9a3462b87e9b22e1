//! What git says about the files: commit and dirty state.
