//! Errors of the engine to what a person can do about them.

use super::{EngineError, Refusal, Unreach};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{self, Code};
use crate::swarm::{Damaged, Kind};
use crate::system::local;

/// What happened, and what to type next.
pub fn diagnose(error: &EngineError) -> Diagnostic {
    let said = error.to_string();
    match error {
        EngineError::Unreachable { endpoint, reason, .. } => {
            let (code, help) = unreachable(endpoint, *reason);
            Diagnostic::error(code, said).help(help)
        }
        EngineError::Address(_) => Diagnostic::error(code::ENGINE_ADDRESS, said)
            .help(format!("`docker context ls` lists the contexts; an address looks like {}://{}, tcp://HOST:2376 or ssh://USER@HOST", local::SCHEME, local::DEFAULT)),
        EngineError::Forbidden(_) => Diagnostic::error(code::LEASE_LOST, said),
        EngineError::Local(_) => Diagnostic::error(code::LOCAL_TROUBLE, said),
        EngineError::Version { .. } => Diagnostic::error(code::ENGINE_VERSION, said)
            .help("update Docker on that node to 20.10 or newer, and unset DOCKER_API_VERSION if it is set"),
        EngineError::Refused(refusal) => refused(refusal),
        EngineError::Lost { .. } => Diagnostic::error(code::ENGINE_LOST, said)
            .help("see whether the engine still runs (`systemctl status docker` on its machine), then run `stackup plan`: it shows what is live now"),
        EngineError::TimedOut { .. } => Diagnostic::error(code::ENGINE_LOST, said)
            .help("the engine or its machine may be overloaded, or the managers may have no leader (`docker node ls`); `stackup plan` shows what is live once it answers"),
        EngineError::Nonsense { .. } => Diagnostic::error(code::ENGINE_NONSENSE, said)
            .help("see whether a Docker engine listens at this address: `docker version` with the same -H or context; a port with TLS needs DOCKER_TLS_VERIFY=1"),
    }
}

/// An object of a snapshot that could not be decoded.
pub fn diagnose_damaged(damaged: &Damaged) -> Diagnostic {
    let what = damaged.kind.map_or("object", Kind::as_str);
    let message = format!("the {what} `{}` in the swarm cannot be read and is left alone: {}", damaged.id, damaged.why);
    let help = match damaged.kind {
        Some(kind) => format!("`docker {} inspect {}` shows it", kind.as_str(), damaged.id),
        None => format!("`docker inspect {}` shows it", damaged.id),
    };
    Diagnostic::warning(code::UNREADABLE_OBJECT, message).help(help)
}

fn unreachable(endpoint: &str, reason: Unreach) -> (Code, String) {
    let is_local = endpoint.split_once("://").is_some_and(|(scheme, _)| scheme == local::SCHEME);
    let port = "see whether the engine listens there (`dockerd -H tcp://…`) and no firewall is in between";
    match reason {
        Unreach::NoSocket => (
            code::NO_ENGINE,
            format!("{}, or name another engine: `-H ssh://USER@HOST`, `--context NAME` (`docker context ls`)", local::START),
        ),
        Unreach::Permission => (
            code::ENGINE_PERMISSION,
            local::ENTER.to_owned(),
        ),
        Unreach::NobodyListens if is_local => (
            code::NO_ENGINE,
            "the socket is there and no engine behind it: start it (`sudo systemctl start docker`), and look at `journalctl -u docker` if it does not stay up".to_owned(),
        ),
        Unreach::NobodyListens => (code::NO_ENGINE, format!("{port}; engines with TLS use port 2376, those without 2375")),
        Unreach::UnknownHost => (code::NO_ENGINE, "see whether the name is spelled right: `getent hosts NAME`".to_owned()),
        Unreach::Silent => (code::NO_ENGINE, format!("see whether the machine is up; {port}")),
        Unreach::Tls => (
            code::ENGINE_TLS,
            "ca.pem must have signed the engine's certificate, which must name this host, and cert.pem with key.pem must be the client's: DOCKER_CERT_PATH or the context (`docker context inspect`) says where they are".to_owned(),
        ),
        Unreach::Ssh => (
            code::ENGINE_SSH,
            format!("try it by hand: `ssh {} docker version`", ssh_words(endpoint)),
        ),
        Unreach::Other => (code::NO_ENGINE, "`docker version` with the same -H or context shows whether docker can reach it".to_owned()),
    }
}

/// `ssh://me@box:2222/run/d.sock` as the program takes it: `-p 2222 me@box`.
fn ssh_words(endpoint: &str) -> String {
    let place = endpoint.trim_start_matches("ssh://");
    let place = place.split('/').next().unwrap_or_default();
    match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => format!("-p {port} {}", bare(host)),
        _ => bare(place),
    }
}

fn bare(host: &str) -> String {
    host.replace(['[', ']'], "")
}

/// What the engine's words mean. They are the only thing that tells these cases apart.
fn refused(refusal: &Refusal) -> Diagnostic {
    let words = refusal.message.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let message = refusal.message.as_str();
    if says(&["locked on this node", "swarm is encrypted and needs to be unlocked"]) {
        return Diagnostic::error(code::SWARM_LOCKED, "the swarm is locked on this node")
            .help("`docker swarm unlock` on this node asks for the key; `docker swarm unlock-key` on another manager shows it");
    }
    if says(&["not in a swarm", "not part of a swarm", "use \"docker swarm init\" or \"docker swarm join\" to connect"])
        && !says(&["worker"])
    {
        return Diagnostic::error(code::NOT_IN_A_SWARM, "this node is not a swarm manager: it is in no swarm")
            .help("`docker swarm init` makes it the manager of a new swarm of one node; or speak to a manager: `-H ssh://USER@HOST` or `--context NAME`");
    }
    if says(&["not a swarm manager", "worker nodes can't be used"]) {
        let said = if says(&["its managers"]) { message } else { "this node is not a swarm manager" };
        return Diagnostic::error(code::NOT_A_MANAGER, said)
            .help("speak to a manager: `-H ssh://USER@MANAGER` or `--context NAME`; or make this node one, on a manager: `docker node promote NODE`. Outside a swarm: `docker swarm init`");
    }
    if says(&[
        "does not have a leader",
        "too few managers",
        "context deadline exceeded",
        "not ready",
        "swarm is in state",
    ]) {
        return Diagnostic::error(code::SWARM_NOT_READY, message)
            .help("`docker node ls` on each manager shows who is up; most of the managers must be. `docker info` on this node shows its own state");
    }
    if says(&["update out of sequence"]) {
        return Diagnostic::error(
            code::OUT_OF_SEQUENCE,
            format!("somebody else changed it meanwhile ({})", refusal.request),
        )
        .help("run `stackup plan` again: it shows what it looks like now");
    }
    if says(&["client version", "is too new", "is too old"]) && says(&["api version"]) {
        return Diagnostic::error(code::ENGINE_VERSION, message)
            .help("unset DOCKER_API_VERSION: the newest version that both sides know is taken then");
    }
    if says(&["http request to an https server"]) {
        return Diagnostic::error(code::ENGINE_TLS, "the engine speaks TLS on this port, and was spoken to without")
            .help("set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem");
    }
    let diagnostic = Diagnostic::error(code::ENGINE_REFUSED, refusal.to_string());
    match refusal.status {
        401 | 403 => {
            diagnostic.help("the engine, a proxy or an authorization plugin before it does not allow this to you")
        }
        404 => diagnostic.help("it is gone, or was never there: run `stackup plan` again to see what is live"),
        409 => diagnostic
            .help("something with this name is there already, or is still in use: `stackup plan` shows what is live"),
        _ => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, message: &str) -> EngineError {
        EngineError::Refused(Refusal { status, message: message.into(), request: "GET /services".into() })
    }

    #[test]
    fn what_the_engine_says_gets_its_way_out() {
        // The engines' own words (20.10 to 28) and those of `decode::cluster`.
        let cases = [
            (
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
                code::NOT_IN_A_SWARM,
                "docker swarm init",
            ),
            ("this node is not in a swarm", code::NOT_IN_A_SWARM, "docker swarm init"),
            (
                "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
                code::NOT_A_MANAGER,
                "docker node promote",
            ),
            (
                "this node is not a swarm manager but a worker; its managers: 10.0.0.1:2377",
                code::NOT_A_MANAGER,
                "-H ssh://",
            ),
            (
                "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it.",
                code::SWARM_LOCKED,
                "docker swarm unlock",
            ),
            (
                "The swarm does not have a leader. It's possible that too few managers are online.",
                code::SWARM_NOT_READY,
                "docker node ls",
            ),
            ("update out of sequence", code::OUT_OF_SEQUENCE, "stackup plan"),
            (
                "client version 1.24 is too old. Minimum supported API version is 1.44",
                code::ENGINE_VERSION,
                "DOCKER_API_VERSION",
            ),
            ("Client sent an HTTP request to an HTTPS server.", code::ENGINE_TLS, "DOCKER_CERT_PATH"),
            ("network x is in use by service y", code::ENGINE_REFUSED, ""),
        ];
        for (words, code, help) in cases {
            let diagnostic = diagnose(&refusal(503, words));
            assert_eq!(diagnostic.code, code, "{words}");
            assert!(diagnostic.help.unwrap_or_default().contains(help), "{words}");
        }
        let worker =
            diagnose(&refusal(503, "this node is not a swarm manager but a worker; its managers: 10.0.0.1:2377"));
        assert!(worker.message.contains("10.0.0.1:2377"));
    }

    #[test]
    fn each_way_of_not_being_there_has_its_own_help() {
        let here = format!("{}:///s", local::SCHEME);
        let cases = [
            (Unreach::NoSocket, here.as_str(), code::NO_ENGINE, local::START),
            (Unreach::Permission, &here, code::ENGINE_PERMISSION, local::ENTER),
            (Unreach::NobodyListens, &here, code::NO_ENGINE, "journalctl"),
            (Unreach::NobodyListens, "tcp://h:2375", code::NO_ENGINE, "2376"),
            (Unreach::Tls, "tcp://h:2376", code::ENGINE_TLS, "ca.pem"),
            (Unreach::Ssh, "ssh://me@box:2222/run/d.sock", code::ENGINE_SSH, "`ssh -p 2222 me@box docker version`"),
            (Unreach::Ssh, "ssh://box", code::ENGINE_SSH, "`ssh box docker version`"),
        ];
        for (reason, endpoint, code, help) in cases {
            let why = "why".to_owned();
            let diagnostic = diagnose(&EngineError::Unreachable { endpoint: endpoint.into(), reason, why });
            assert_eq!(diagnostic.code, code, "{reason:?}");
            assert!(diagnostic.message.contains(endpoint) && diagnostic.message.contains("why"));
            assert!(diagnostic.help.unwrap_or_default().contains(help), "{reason:?}");
        }
    }

    #[test]
    fn a_damaged_object_is_named() {
        let damaged = Damaged { kind: Some(Kind::Service), id: "abc".into(), why: "`Spec.Name` is missing".into() };
        let diagnostic = diagnose_damaged(&damaged);
        assert!(diagnostic.message.contains("`abc`") && diagnostic.message.contains("Spec.Name"));
        assert_eq!(diagnostic.help.as_deref(), Some("`docker service inspect abc` shows it"));
    }
}
