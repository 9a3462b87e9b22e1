//! What is reserved and may not be used.

use super::rules::Subject;
use crate::diagnostic::{Diagnostic, Span, code};

pub fn limit_below_reservation(subject: &mut Subject<'_>) {
    let resources = &subject.service.deploy.resources;
    let (Some(limits), Some(reservations)) = (&resources.limits, &resources.reservations) else { return };
    let cpus = limits.nano_cpus.zip(reservations.nano_cpus).filter(|(l, r)| l.value > 0 && l.value < r.value);
    let memory = limits.memory.zip(reservations.memory).filter(|(l, r)| l.value.0 > 0 && l.value < r.value);
    let mut say = |what: &str, limit: Span, reserved: Span| {
        let message = format!("`{}` may use less {what} than is reserved for it", subject.name());
        subject.say(
            Diagnostic::warning(code::LIMIT_BELOW_RESERVATION, message)
                .at_with(limit, "the limit")
                .also(reserved, "reserved here")
                .help("raise the limit, or lower the reservation"),
        );
    };
    if let Some((limit, reserved)) = cpus {
        say("CPU", limit.span, reserved.span);
    }
    if let Some((limit, reserved)) = memory {
        say("memory", limit.span, reserved.span);
    }
}
