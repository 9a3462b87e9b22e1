//! One service → its ServiceSpec.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{Object, labels_of, strings};
use super::marks::EXTENSION;
use super::trail::Trail;
use super::{container, deploy, endpoint, image, network};
use crate::compose::model::{Logging, Service, Stack};
use crate::diagnostic::code::{BAD_EXTENSION, BAD_IMAGE, NO_IMAGE};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::swarm::{DesiredService, IMAGE_LABEL, NAMESPACE_LABEL, scoped};

pub(super) fn service(service: &Service, stack: &Stack, name: &str, diagnostics: &mut Diagnostics) -> DesiredService {
    let mut trail = Trail::new(service.span());
    check_image(service, diagnostics);
    let image = service.image.as_ref().map(|i| i.value.as_str()).unwrap_or_default();

    let mut task = Object::default();
    task.put("ContainerSpec", container::container(service, stack, name, &mut trail, diagnostics))
        .put("Resources", deploy::resources(&service.deploy, &mut trail))
        .put_some("RestartPolicy", deploy::restart_policy(service, &mut trail, diagnostics))
        .put("Placement", deploy::placement(&service.deploy, &mut trail))
        .put_full("Networks", network::attachments(service, stack, name, &mut trail, diagnostics))
        .put_some("LogDriver", service.logging.as_ref().map(|l| logging(l, &mut trail)))
        .put("ForceUpdate", 0);

    trail.map("/deploy/labels", &service.deploy.labels);
    let labels = labels_of(&service.deploy.labels, &[(IMAGE_LABEL, image), (NAMESPACE_LABEL, name)]);
    let mut spec = Object::default();
    spec.put("Name", scoped(name, &service.name.value))
        .put("Labels", labels)
        .put("TaskTemplate", task.into_value())
        .put("Mode", deploy::mode(&service.deploy, &mut trail, diagnostics));
    for (key, path, config) in [
        ("UpdateConfig", "/deploy/update_config", &service.deploy.update_config),
        ("RollbackConfig", "/deploy/rollback_config", &service.deploy.rollback_config),
    ] {
        spec.put_some(key, config.as_ref().map(|c| deploy::update_config(c, path, &mut trail)));
    }
    spec.put("EndpointSpec", endpoint::endpoint(service, &mut trail));

    let depends_on: BTreeMap<_, _> = service
        .depends_on
        .iter()
        .filter(|(key, how)| how.required || stack.services.contains_key(*key))
        .map(|(key, how)| (key.clone(), how.condition))
        .collect();
    for (key, how) in &service.depends_on {
        trail.at(&crate::swarm::join("/depends_on", key), how.span);
    }
    DesiredService {
        key: service.name.value.clone(),
        name: scoped(name, &service.name.value),
        spec: spec.into_value(),
        wave: wave(service, &mut trail, diagnostics),
        origins: trail.finish(),
        depends_on,
    }
}

fn check_image(service: &Service, diagnostics: &mut Diagnostics) {
    let key = &service.name.value;
    let problem = match service.image.as_ref().filter(|i| !i.value.is_empty()) {
        None => Diagnostic::error(NO_IMAGE, format!("service `{key}` has no image"))
            .at(service.image.as_ref().map_or(service.span(), |i| i.span))
            .help("swarm runs images and builds none: build and push it, then write `image:`"),
        Some(image) if image::Reference::parse(&image.value).is_none() => {
            Diagnostic::error(BAD_IMAGE, format!("`{}` is no image name", image.value))
                .at(image.span)
                .help("names look like acme/web:1.4 or registry.example.com:5000/web@sha256:…, in lower case")
        }
        Some(_) => return,
    };
    diagnostics.push(problem.about(format!("service/{key}")));
}

/// `{}` stays an object: to swarm it is not the same as none.
fn logging(logging: &Spanned<Logging>, trail: &mut Trail) -> Value {
    trail.at("/logging", logging.span);
    trail.maybe("/logging/driver", logging.driver.as_ref());
    trail.map("/logging/options", &logging.options);
    let mut spec = Object::default();
    spec.put_full("Name", logging.driver.as_ref().map(|d| d.value.clone()).unwrap_or_default())
        .put_full("Options", strings(&logging.options));
    spec.into_value()
}

/// `x-stackup.wave`.
fn wave(service: &Service, trail: &mut Trail, diagnostics: &mut Diagnostics) -> Option<u32> {
    let extension = service.extensions.get(EXTENSION)?;
    let wave = extension.value.get("wave")?;
    trail.at("/x-stackup/wave", extension.span);
    let number = wave.as_u64().and_then(|w| u32::try_from(w).ok());
    if number.is_none() {
        diagnostics.push(
            Diagnostic::error(BAD_EXTENSION, format!("`x-stackup.wave` is a whole number from 0, not {wave}"))
                .at(extension.span)
                .help("services of a lower wave are done before those of a higher one"),
        );
    }
    number
}
