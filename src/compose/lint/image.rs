//! Images that change under their name.

use super::rules::Subject;
use crate::diagnostic::{Diagnostic, code};

pub fn floating_tag(subject: &mut Subject<'_>) {
    let Some(image) = &subject.service.image else { return };
    if image.value.contains('@') {
        return;
    }
    let last = image.value.rsplit('/').next().unwrap_or_default();
    let message = match last.split_once(':') {
        None => format!("`{}` has no tag, so it is whatever `latest` is at the time", image.value),
        Some((_, "latest")) => format!("`{}` is another image tomorrow", image.value),
        Some(_) => return,
    };
    let name = image.value.strip_suffix(":latest").unwrap_or(&image.value);
    subject.say(
        Diagnostic::warning(code::FLOATING_TAG, message)
            .at(image.span)
            .help(format!("name a version, as in `{name}:1.2.3`")),
    );
}
