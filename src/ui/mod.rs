//! One renderer a form.
