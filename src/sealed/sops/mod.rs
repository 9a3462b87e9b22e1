//! SOPS: documents whose values are encrypted one by one, under a key that is encrypted for each recipient.
//!
//! A file is taken as it stands: values are replaced where they are, and what SOPS says about itself goes. So what comes out
//! is what `sops decrypt` prints of a file that `sops` wrote.

mod cipher;
mod document;
mod dotenv;
mod format;
mod ini;
mod json;
mod metadata;
mod open;
mod yaml;
mod yaml_scalar;

pub use format::{Format, format};
pub use open::{MASK, mask, open};
