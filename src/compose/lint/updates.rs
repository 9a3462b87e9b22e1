//! Updates that stop half way.

use super::rules::Subject;
use crate::diagnostic::{Diagnostic, code};

pub fn no_failure_action(subject: &mut Subject<'_>) {
    if subject.is_job() {
        return;
    }
    let update = subject.service.deploy.update_config.as_ref();
    if update.is_some_and(|u| u.failure_action.as_ref().is_some_and(|a| !a.value.is_empty())) {
        return;
    }
    let message = format!("when an update of `{}` fails, swarm pauses it and leaves it half done", subject.name());
    subject.say(
        Diagnostic::warning(code::NO_FAILURE_ACTION, message)
            .at(update.map_or(subject.service.span(), |u| u.span))
            .help("add deploy: {update_config: {failure_action: rollback}}, or write pause if that is meant"),
    );
}

pub fn start_first_host_port(subject: &mut Subject<'_>) {
    let order = subject.service.deploy.update_config.as_ref().and_then(|u| u.order.as_ref());
    let Some(order) = order.filter(|o| o.value == "start-first") else { return };
    let port = subject.service.ports.iter().find(|p| p.mode == "host" && p.published != 0);
    let Some(port) = port else { return };
    let message = format!(
        "a new task of `{}` needs port {} of its node while the old one has it",
        subject.name(),
        port.published
    );
    subject.say(
        Diagnostic::warning(code::START_FIRST_HOST_PORT, message)
            .at(order.span)
            .also(port.span, "the port of the node")
            .help("write order: stop-first, or publish the port in mode ingress"),
    );
}
