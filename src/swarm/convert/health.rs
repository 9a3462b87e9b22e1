//! `healthcheck` → `ContainerSpec.Healthcheck`.

use serde_json::{Value, json};

use super::json::Object;
use super::trail::Trail;
use crate::compose::model::{Healthcheck, Nanos};
use crate::diagnostic::code::CONTRADICTION;
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned};

/// `{}` stays an object: to swarm it is not the same as none.
pub(super) fn healthcheck(check: &Spanned<Healthcheck>, trail: &mut Trail, diagnostics: &mut Diagnostics) -> Value {
    trail.at("/healthcheck", check.span);
    trail.maybe("/healthcheck/test", check.test.as_ref());
    trail.maybe("/healthcheck/retries", check.retries.as_ref());
    trail.maybe("/healthcheck/disable", check.disable.as_ref());
    let test = check.test.as_ref().map(|t| t.value.clone()).unwrap_or_default();
    if let Some(disable) = check.disable.as_ref().filter(|d| d.value) {
        if !test.is_empty() {
            diagnostics.push(
                Diagnostic::error(CONTRADICTION, "`healthcheck` has a `test` and `disable: true`")
                    .at(disable.span)
                    .help("remove one of the two"),
            );
        }
        return json!({"Test": ["NONE"]});
    }
    let mut spec = Object::default();
    spec.put_full("Test", test);
    let times: [(&str, &str, &Option<Spanned<Nanos>>); 4] = [
        ("Interval", "/healthcheck/interval", &check.interval),
        ("Timeout", "/healthcheck/timeout", &check.timeout),
        ("StartPeriod", "/healthcheck/start_period", &check.start_period),
        ("StartInterval", "/healthcheck/start_interval", &check.start_interval),
    ];
    for (key, path, time) in times {
        trail.maybe(path, time.as_ref());
        spec.put_full(key, time.as_ref().map_or(0, |t| t.value.0));
    }
    spec.put_full("Retries", check.retries.as_ref().map_or(0, |r| r.value));
    spec.into_value()
}
