//! Objects of others that must be there.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::EXTERNAL_MISSING;
use crate::plan::draft::Draft;
use crate::swarm::Kind;

pub(in crate::plan) fn check_external(draft: &mut Draft) {
    for object in &draft.desired.external {
        let (name, snapshot) = (object.name.as_str(), draft.snapshot);
        let (message, help) = match object.kind {
            Kind::Network => match snapshot.networks.iter().filter(|n| n.name == name).collect::<Vec<_>>() {
                found if found.iter().any(|n| n.scope == "swarm") => continue,
                found => match found.first() {
                    Some(local) => (
                        format!(
                            "external network `{name}` has the scope `{}`: services need one of scope swarm",
                            local.scope
                        ),
                        format!("docker network create --driver overlay {name}-swarm, and name that one"),
                    ),
                    None => (
                        format!("external network `{name}` does not exist"),
                        format!("docker network create --driver overlay {name}"),
                    ),
                },
            },
            Kind::Config if snapshot.config(name).is_none() => {
                (format!("external config `{name}` does not exist"), format!("docker config create {name} FILE"))
            }
            Kind::Secret if snapshot.secret(name).is_none() => {
                (format!("external secret `{name}` does not exist"), format!("docker secret create {name} FILE"))
            }
            _ => continue,
        };
        let address = format!("{}/{}", object.kind.as_str(), object.key);
        draft.refuse(Diagnostic::error(EXTERNAL_MISSING, message).help(help).about(address), object.span);
    }
}
