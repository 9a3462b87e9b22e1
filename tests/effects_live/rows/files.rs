//! What a container finds in its file system: mounts, configs, secrets, and what those refer to.

use serde_json::{Value, json};

use crate::row::{Must, Row, row};

const CONFIG: &[&str] =
    &["/TaskTemplate/ContainerSpec/Configs/-/ConfigID", "/TaskTemplate/ContainerSpec/Configs/-/ConfigName"];
const SECRET: &[&str] =
    &["/TaskTemplate/ContainerSpec/Secrets/-/SecretID", "/TaskTemplate/ContainerSpec/Secrets/-/SecretName"];

pub fn rows() -> Vec<Row> {
    [mounts(), files("config"), files("secret"), objects()].concat()
}

/// One mount that becomes another; both are of `/data` unless they say otherwise.
fn mount(change: &str, covers: &[&'static str], before: Value, after: Value) -> Row {
    let at = |mut mount: Value| {
        if let Some(object) = mount.as_object_mut().filter(|o| !o.contains_key("target")) {
            object.insert("target".to_owned(), "/data".into());
        }
        if mount.is_null() { json!([]) } else { json!([mount]) }
    };
    row("volumes", change, covers)
        .from(json!({"volumes": at(before)}))
        .to(json!({"volumes": at(after)}))
        .around(json!({"volumes": {"KEY-a": {}, "KEY-b": {}}}))
}

fn mounts() -> Vec<Row> {
    let a = || json!({"type": "volume", "source": "KEY-a"});
    let with = |more: Value| {
        let mut mount = a();
        crate::row::merge(&mut mount, &more);
        mount
    };
    vec![
        mount("added", &["/TaskTemplate/ContainerSpec/Mounts/-/Type"], Value::Null, a()),
        mount("another type", &["/TaskTemplate/ContainerSpec/Mounts/-/Type"], a(), json!({"type": "tmpfs"})),
        mount(
            "another volume",
            &["/TaskTemplate/ContainerSpec/Mounts/-/Source"],
            a(),
            json!({"type": "volume", "source": "KEY-b"}),
        ),
        mount(
            "another target",
            &["/TaskTemplate/ContainerSpec/Mounts/-/Target"],
            a(),
            with(json!({"target": "/else"})),
        ),
        mount("read_only", &["/TaskTemplate/ContainerSpec/Mounts/-/ReadOnly"], a(), with(json!({"read_only": true}))),
        mount(
            "consistency, which no engine keeps",
            &["/TaskTemplate/ContainerSpec/Mounts/-/Consistency"],
            a(),
            with(json!({"consistency": "cached"})),
        )
        .must(Must::NotWrite),
        mount(
            "nocopy",
            &["/TaskTemplate/ContainerSpec/Mounts/-/VolumeOptions/NoCopy"],
            a(),
            with(json!({"volume": {"nocopy": true}})),
        ),
        mount(
            "subpath",
            &["/TaskTemplate/ContainerSpec/Mounts/-/VolumeOptions/Subpath"],
            a(),
            with(json!({"volume": {"subpath": "part"}})),
        )
        .tried_once(),
        mount(
            "propagation",
            &["/TaskTemplate/ContainerSpec/Mounts/-/BindOptions/Propagation"],
            json!({"type": "bind", "source": "/tmp"}),
            json!({"type": "bind", "source": "/tmp", "bind": {"propagation": "private"}}),
        ),
        mount(
            "size of a tmpfs",
            &["/TaskTemplate/ContainerSpec/Mounts/-/TmpfsOptions/SizeBytes"],
            json!({"type": "tmpfs"}),
            json!({"type": "tmpfs", "tmpfs": {"size": 1048576}}),
        ),
        mount(
            "mode of a tmpfs",
            &["/TaskTemplate/ContainerSpec/Mounts/-/TmpfsOptions/Mode"],
            json!({"type": "tmpfs"}),
            json!({"type": "tmpfs", "tmpfs": {"mode": 0o700}}),
        ),
        mount("labels of the volume", &["/TaskTemplate/ContainerSpec/Mounts/-/VolumeOptions/Labels/*"], a(), a())
            .around_then(json!({"volumes": {"KEY-a": {"labels": {"a": "1"}}}})),
        mount(
            "driver of the volume",
            &["/TaskTemplate/ContainerSpec/Mounts/-/VolumeOptions/DriverConfig/Name"],
            a(),
            a(),
        )
        .around_then(json!({"volumes": {"KEY-a": {"driver": "local"}}})),
        mount(
            "options of the volume's driver",
            &["/TaskTemplate/ContainerSpec/Mounts/-/VolumeOptions/DriverConfig/Options/*"],
            a(),
            a(),
        )
        .around(json!({"volumes": {"KEY-a": {"driver": "local"}}}))
        .around_then(json!({"volumes": {"KEY-a": {"driver_opts": {"type": "tmpfs", "device": "tmpfs"}}}})),
        mount("name of the volume", &["/TaskTemplate/ContainerSpec/Mounts/-/Source"], a(), a())
            .around_then(json!({"volumes": {"KEY-a": {"name": "KEY-else"}}})),
    ]
}

/// What an engine may not know, or refuses.
pub fn refused() -> [(&'static str, Row); 3] {
    let a = || json!({"type": "volume", "source": "KEY-a"});
    let cluster = mount(
        "of a cluster's volume",
        &["/TaskTemplate/ContainerSpec/Mounts/-/Type"],
        a(),
        json!({"type": "cluster", "source": "KEY-a"}),
    );
    let image = mount(
        "of an image",
        &["/TaskTemplate/ContainerSpec/Mounts/-/Type", "/TaskTemplate/ContainerSpec/Mounts/-/ImageOptions/Subpath"],
        a(),
        json!({"type": "image", "source": "IMAGE", "image": {"subpath": "www"}}),
    );
    let driver = row("secrets", "driver", &["secret:/Driver/Name", "secret:/Driver/Options/*"])
        .from(json!({"secrets": ["KEY-a"]}))
        .around(json!({"secrets": {"KEY-a": {"file": "./one"}}}))
        .around_then(json!({"secrets": {"KEY-a": {"file": null, "driver": "keeper", "driver_opts": {"a": "1"}}}}));
    [("fx-cluster", cluster.tried_once()), ("fx-image", image.tried_once()), ("fx-driver", driver)]
}

/// References to configs or secrets.
fn files(kind: &'static str) -> Vec<Row> {
    let section = format!("{kind}s");
    let section = section.as_str();
    let (refers, part): (_, [&'static str; 4]) = match kind {
        "config" => (
            CONFIG,
            [
                "/TaskTemplate/ContainerSpec/Configs/-/File/Name",
                "/TaskTemplate/ContainerSpec/Configs/-/File/UID",
                "/TaskTemplate/ContainerSpec/Configs/-/File/GID",
                "/TaskTemplate/ContainerSpec/Configs/-/File/Mode",
            ],
        ),
        _ => (
            SECRET,
            [
                "/TaskTemplate/ContainerSpec/Secrets/-/File/Name",
                "/TaskTemplate/ContainerSpec/Secrets/-/File/UID",
                "/TaskTemplate/ContainerSpec/Secrets/-/File/GID",
                "/TaskTemplate/ContainerSpec/Secrets/-/File/Mode",
            ],
        ),
    };
    let refer = |more: Value| {
        let mut reference = json!({"source": "KEY-a", "target": "/a"});
        crate::row::merge(&mut reference, &more);
        json!({section: [reference]})
    };
    let plain = || refer(json!({}));
    let around = json!({section: {"KEY-a": {"file": "./one"}, "KEY-b": {"file": "./two"}}});
    let reference = |change: &str, covers: &[&'static str], before: Value, after: Value| {
        row(section, change, covers).from(before).to(after).around(around.clone())
    };
    let data: &'static str = if kind == "config" { "config:/Data" } else { "secret:/Data" };
    let template: &'static str = if kind == "config" { "config:/Templating/Name" } else { "secret:/Templating/Name" };
    let labels: &'static str = if kind == "config" { "config:/Labels/*" } else { "secret:/Labels/*" };
    let name: &'static str = if kind == "config" { "config:/Name" } else { "secret:/Name" };
    let content = reference("another content", &[refers, &[data]].concat(), plain(), plain())
        .around_then(json!({section: {"KEY-a": {"file": "./two"}}}));
    vec![
        reference("added", refers, json!({}), plain()),
        reference("another one", refers, plain(), refer(json!({"source": "KEY-b"}))),
        reference("another target", &part[..1], plain(), refer(json!({"target": "/else"}))),
        reference("uid", &part[1..2], plain(), refer(json!({"uid": "5"}))),
        reference("gid", &part[2..3], plain(), refer(json!({"gid": "5"}))),
        reference("mode", &part[3..], plain(), refer(json!({"mode": 0o400}))),
        if kind == "config" { content.core() } else { content },
        reference("template_driver", &[refers, &[template]].concat(), plain(), plain())
            .around_then(json!({section: {"KEY-a": {"template_driver": "golang"}}})),
        reference("another name", &[refers, &[name]].concat(), plain(), plain())
            .around_then(json!({section: {"KEY-a": {"name": "KEY-else"}}})),
        reference("labels", &[labels], plain(), plain())
            .around_then(json!({section: {"KEY-a": {"labels": {"a": "1"}}}})),
    ]
}

/// Credential specs are read on Windows only; a node of another kind starts no task that has one.
fn objects() -> Vec<Row> {
    let credential = |part: &str, covers: &[&'static str]| {
        row(&format!("credential_spec.{part}"), "added", covers)
            .to(json!({"credential_spec": {part: "KEY-c"}}))
            .tried_once()
    };
    vec![
        credential(
            "config",
            &[
                "/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Config",
                "/TaskTemplate/ContainerSpec/Configs/-/Runtime",
            ],
        )
        .around(json!({"configs": {"KEY-c": {"file": "./one"}}})),
        credential("file", &["/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/File"]),
        credential("registry", &["/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Registry"]),
    ]
}
