//! Top-level `configs` and `secrets`. All declared ones are created, used or not, as docker has it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{Object, labels_of, strings};
use super::trail::Trail;
use crate::compose::model::{Content, FileObject};
use crate::swarm::{DesiredConfig, DesiredSecret, ExternalObject, Kind, NAMESPACE_LABEL, Origins, scoped};

/// The name of `object` in the swarm (of its first version).
pub(super) fn object_name(object: &FileObject, key: &str, stack: &str) -> String {
    match (&object.external, &object.name) {
        (Some(external), _) => external.name.value.clone(),
        (None, Some(name)) => name.value.clone(),
        (None, None) => scoped(stack, key),
    }
}

pub(super) fn configs(
    objects: &BTreeMap<String, FileObject>,
    stack: &str,
    external: &mut Vec<ExternalObject>,
) -> Vec<DesiredConfig> {
    let mut all = Vec::new();
    for (key, object) in objects {
        let name = object_name(object, key, stack);
        if object.external.is_some() {
            external.push(elsewhere(Kind::Config, key, name, object));
            continue;
        }
        let (spec, origins) = spec(object, &name, stack);
        let content = object.content.clone().unwrap_or_else(|| Content(Vec::new().into()));
        all.push(DesiredConfig { key: key.clone(), name, spec, content, exact: false, origins });
    }
    all
}

pub(super) fn secrets(
    objects: &BTreeMap<String, FileObject>,
    stack: &str,
    external: &mut Vec<ExternalObject>,
) -> Vec<DesiredSecret> {
    let mut all = Vec::new();
    for (key, object) in objects {
        let name = object_name(object, key, stack);
        if object.external.is_some() {
            external.push(elsewhere(Kind::Secret, key, name, object));
            continue;
        }
        let (spec, origins) = spec(object, &name, stack);
        let content = object.content.clone().filter(|_| object.driver.is_none());
        all.push(DesiredSecret { key: key.clone(), name, spec, content, exact: false, origins });
    }
    all
}

fn elsewhere(kind: Kind, key: &str, name: String, object: &FileObject) -> ExternalObject {
    ExternalObject { kind, key: key.to_owned(), name, span: Some(object.span) }
}

fn spec(object: &FileObject, name: &str, stack: &str) -> (Value, Origins) {
    let mut trail = Trail::new(object.span);
    trail.maybe("/file", object.file.as_ref());
    trail.maybe("/content", object.inline.as_ref());
    trail.maybe("/environment", object.environment.as_ref());
    trail.maybe("/name", object.name.as_ref());
    trail.maybe("/driver", object.driver.as_ref());
    trail.maybe("/template_driver", object.template_driver.as_ref());
    trail.map("/driver_opts", &object.driver_opts);
    trail.map("/labels", &object.labels);
    let mut spec = Object::default();
    spec.put("Name", name).put("Labels", labels_of(&object.labels, &[(NAMESPACE_LABEL, stack)]));
    if let Some(driver) = &object.driver {
        let mut inner = Object::default();
        inner.put("Name", driver.value.clone()).put_full("Options", strings(&object.driver_opts));
        spec.put("Driver", inner.into_value());
    }
    if let Some(driver) = &object.template_driver {
        let mut inner = Object::default();
        inner.put("Name", driver.value.clone());
        spec.put("Templating", inner.into_value());
    }
    (spec.into_value(), trail.finish())
}
