//! One release for people: who, when, how it went, and what is in it. Specs stay in the record: they hold values of
//! environment.

use serde_json::{Value, json};

use super::table;
use super::theme::visible;
use crate::app::look::ReleaseRow;
use crate::release::model::Record;
use crate::swarm::{RecordedService, ServiceMode};

/// The whole of it as text.
pub fn text(row: &ReleaseRow, record: &Record) -> String {
    let mut lines = vec![format!("release #{}   {}   {} by {}", row.number, row.result, row.when, row.who)];
    let commit = Some(&row.commit).filter(|c| !c.is_empty()).map(|c| format!("commit {c}"));
    let plan = Some(&row.plan_id).filter(|p| !p.is_empty()).map(|p| format!("plan {p}"));
    lines.extend([commit, plan].into_iter().flatten());
    lines.push(String::new());
    let services: Vec<String> = record.stack.services.iter().map(|s| cells(s).join("\t")).collect();
    let laid = table::align(&format!("SERVICE\tMODE\tIMAGE\tCONFIGS AND SECRETS\n{}", services.join("\n")));
    lines.extend(laid.lines().map(|line| visible(line.trim_end()).into_owned()));
    if !record.ledger.is_empty() {
        lines.extend([String::new(), "What became of each change".to_owned()]);
        lines.extend(record.ledger.iter().map(|entry| {
            let why = if entry.why.is_empty() { String::new() } else { format!(" ({})", visible(&entry.why)) };
            format!("  {:<9} {:<9} {}{why}", entry.fate, entry.action, entry.address.replacen('/', " ", 1))
        }));
    }
    lines.join("\n")
}

fn cells(service: &RecordedService) -> [String; 4] {
    let mode = match ServiceMode::of(&service.spec) {
        ServiceMode::Replicated { replicas } => format!("{replicas} replicas"),
        ServiceMode::ReplicatedJob { completions, .. } => format!("job, {completions} times"),
        other => other.as_str().to_owned(),
    };
    [
        service.key.clone(),
        mode,
        image(service).split('@').next().unwrap_or_default().to_owned(),
        files(service).join(", "),
    ]
}

fn image(service: &RecordedService) -> &str {
    service.spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str).unwrap_or_default()
}

/// Names of the configs and secrets, in the very versions.
fn files(service: &RecordedService) -> Vec<String> {
    let lists = [("Configs", "ConfigName"), ("Secrets", "SecretName")];
    let names = lists.iter().flat_map(|(list, key)| {
        let items = service.spec.pointer(&format!("/TaskTemplate/ContainerSpec/{list}")).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(|item| item.get(*key)?.as_str())
    });
    names.map(str::to_owned).collect()
}

/// The same for machines.
pub fn json(row: &ReleaseRow, record: &Record) -> Value {
    let services: Vec<Value> = record
        .stack
        .services
        .iter()
        .map(|s| {
            json!({"address": format!("service/{}", s.key), "name": s.name, "image": image(s),
            "mode": ServiceMode::of(&s.spec).as_str(), "replicas": replicas(s), "files": files(s)})
        })
        .collect();
    json!({"release": row.number, "at": row.at, "who": row.who, "commit": row.commit, "plan": row.plan_id,
        "result": row.result, "services": services, "ledger": record.ledger})
}

fn replicas(service: &RecordedService) -> Option<u64> {
    match ServiceMode::of(&service.spec) {
        ServiceMode::Replicated { replicas } => Some(replicas),
        ServiceMode::ReplicatedJob { completions, .. } => Some(completions),
        _ => None,
    }
}
