//! What runs, and what it may.

use serde_json::{Value, json};

use crate::row::{Must, Row, row};

const PLATFORMS: &[&str] =
    &["/TaskTemplate/Placement/Platforms/-/Architecture", "/TaskTemplate/Placement/Platforms/-/OS"];

/// A field of a container that one value in the file sets.
fn plain(field: &'static str, covers: &'static str, before: Value, after: Value) -> Row {
    let change = if before.is_null() { "added" } else { "changed" };
    row(field, change, &[covers]).from(json!({field: before})).to(json!({field: after}))
}

pub fn rows() -> Vec<Row> {
    let trapped = |word: &str| json!(["/bin/sh", "-c", format!("trap 'exit 0' TERM; sleep {word} & wait")]);
    vec![
        row("image", "another image", &["/TaskTemplate/ContainerSpec/Image"]).to(json!({"image": "OTHER"})).core(),
        row("image", "another tag of the same image", &["/TaskTemplate/ContainerSpec/Image"])
            .to(json!({"image": "AGAIN"}))
            .must(Must::Replace),
        row("image", "the digest is found", &[&["/TaskTemplate/ContainerSpec/Image"], PLATFORMS].concat()).by_hand(
            |spec| {
                spec["TaskTemplate"]["Placement"]["Platforms"] = Value::Null;
                let image = spec["TaskTemplate"]["ContainerSpec"]["Image"].as_str().unwrap();
                let image = image.split('@').next().unwrap().to_owned();
                spec["TaskTemplate"]["ContainerSpec"]["Image"] = image.into();
            },
        ),
        row("image", "platforms taken away by hand", PLATFORMS)
            .by_hand(|spec| spec["TaskTemplate"]["Placement"]["Platforms"] = Value::Null)
            .must(Must::NotWrite),
        plain("entrypoint", "/TaskTemplate/ContainerSpec/Command/-", Value::Null, json!(["/bin/sh", "-c"]))
            .from(json!({"command": ["/start"]}))
            .to(json!({"command": ["/start"]})),
        plain("command", "/TaskTemplate/ContainerSpec/Args/-", trapped("1000000"), trapped("2000000")).core(),
        row("environment", "a variable added", &["/TaskTemplate/ContainerSpec/Env/-"])
            .to(json!({"environment": {"A": "1"}}))
            .core(),
        row("environment", "a value changed", &["/TaskTemplate/ContainerSpec/Env/-"])
            .from(json!({"environment": {"A": "1", "B": "1"}}))
            .to(json!({"environment": {"A": "2"}})),
        row("environment", "a variable removed", &["/TaskTemplate/ContainerSpec/Env/-"])
            .from(json!({"environment": {"A": "1", "B": "1"}}))
            .to(json!({"environment": ["A=1"]})),
        plain("working_dir", "/TaskTemplate/ContainerSpec/Dir", Value::Null, json!("/tmp")),
        plain("user", "/TaskTemplate/ContainerSpec/User", Value::Null, json!("0:0")),
        plain("group_add", "/TaskTemplate/ContainerSpec/Groups/-", Value::Null, json!(["7"])),
        plain("hostname", "/TaskTemplate/ContainerSpec/Hostname", json!("one"), json!("two")),
        plain("tty", "/TaskTemplate/ContainerSpec/TTY", Value::Null, json!(true)),
        plain("stdin_open", "/TaskTemplate/ContainerSpec/OpenStdin", Value::Null, json!(true)),
        plain("read_only", "/TaskTemplate/ContainerSpec/ReadOnly", Value::Null, json!(true)),
        plain("init", "/TaskTemplate/ContainerSpec/Init", json!(false), json!(true)),
        row("init", "false instead of nothing", &["/TaskTemplate/ContainerSpec/Init"]).to(json!({"init": false})),
        plain("isolation", "/TaskTemplate/ContainerSpec/Isolation", Value::Null, json!("process")).tried_once(),
        plain("stop_signal", "/TaskTemplate/ContainerSpec/StopSignal", Value::Null, json!("SIGKILL")),
        plain("stop_grace_period", "/TaskTemplate/ContainerSpec/StopGracePeriod", Value::Null, json!("3s")),
        plain("extra_hosts", "/TaskTemplate/ContainerSpec/Hosts/-", Value::Null, json!({"db": "10.0.0.9"})),
        plain("dns", "/TaskTemplate/ContainerSpec/DNSConfig/Nameservers/-", Value::Null, json!(["10.0.0.8"])),
        plain("dns_search", "/TaskTemplate/ContainerSpec/DNSConfig/Search/-", Value::Null, json!(["example.com"])),
        row("dns_opt", "set by hand, taken back", &["/TaskTemplate/ContainerSpec/DNSConfig/Options/-"])
            .by_hand(|spec| spec["TaskTemplate"]["ContainerSpec"]["DNSConfig"] = json!({"Options": ["ndots:2"]})),
        plain("cap_add", "/TaskTemplate/ContainerSpec/CapabilityAdd/-", Value::Null, json!(["SYS_TIME"])),
        plain("cap_drop", "/TaskTemplate/ContainerSpec/CapabilityDrop/-", Value::Null, json!(["CHOWN"])),
        row("sysctls", "added", &["/TaskTemplate/ContainerSpec/Sysctls/*"])
            .to(json!({"sysctls": {"kernel.msgmax": "9000"}})),
        row(
            "ulimits",
            "changed",
            &["/TaskTemplate/ContainerSpec/Ulimits/-/Soft", "/TaskTemplate/ContainerSpec/Ulimits/-/Hard"],
        )
        .from(json!({"ulimits": {"nofile": 4096}}))
        .to(json!({"ulimits": {"nofile": {"soft": 2048, "hard": 8192}}})),
        row("ulimits", "another one", &["/TaskTemplate/ContainerSpec/Ulimits/-/Name"])
            .from(json!({"ulimits": {"nofile": 4096}}))
            .to(json!({"ulimits": {"nofile": null, "nproc": 4096}})),
        plain("oom_score_adj", "/TaskTemplate/ContainerSpec/OomScoreAdj", Value::Null, json!(100)),
        row(
            "no-new-privileges",
            "set by hand, taken back",
            &["/TaskTemplate/ContainerSpec/Privileges/NoNewPrivileges"],
        )
        .by_hand(|spec| spec["TaskTemplate"]["ContainerSpec"]["Privileges"]["NoNewPrivileges"] = true.into()),
        row("labels", "added", &["/TaskTemplate/ContainerSpec/Labels/*"]).to(json!({"labels": {"a": "1"}})).core(),
        row("labels", "changed", &["/TaskTemplate/ContainerSpec/Labels/*"])
            .from(json!({"labels": {"a": "1"}}))
            .to(json!({"labels": {"a": "2"}})),
        row("healthcheck", "added", &["/TaskTemplate/ContainerSpec/Healthcheck/Test/-"])
            .to(json!({"healthcheck": {"test": ["CMD", "echo", "ok"], "interval": "1s"}})),
        row("healthcheck", "disabled", &["/TaskTemplate/ContainerSpec/Healthcheck/Test/-"])
            .to(json!({"healthcheck": {"disable": true}})),
        checked("interval", "/TaskTemplate/ContainerSpec/Healthcheck/Interval", json!("2s")),
        checked("timeout", "/TaskTemplate/ContainerSpec/Healthcheck/Timeout", json!("9s")),
        checked("retries", "/TaskTemplate/ContainerSpec/Healthcheck/Retries", json!(9)),
        checked("start_period", "/TaskTemplate/ContainerSpec/Healthcheck/StartPeriod", json!("1s")),
        checked("start_interval", "/TaskTemplate/ContainerSpec/Healthcheck/StartInterval", json!("1s")),
    ]
}

/// A part of a health check that is there.
fn checked(part: &str, covers: &'static str, value: Value) -> Row {
    row(&format!("healthcheck.{part}"), "changed", &[covers])
        .from(json!({"healthcheck": {"test": ["CMD", "echo", "ok"], "interval": "1s"}}))
        .to(json!({"healthcheck": {part: value}}))
}
