//! Published ports in one cell.

use serde_json::Value;

/// A published port, as in `Endpoint.Ports` and `PortStatus.Ports`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Published {
    protocol: String,
    published: u64,
    target: u64,
    ingress: bool,
}

impl Published {
    fn of(port: &Value) -> Self {
        let number = |key: &str| port.get(key).and_then(Value::as_u64).unwrap_or_default();
        let word = |key: &str| port.get(key).and_then(Value::as_str).unwrap_or_default();
        Self {
            protocol: word("Protocol").to_owned(),
            published: number("PublishedPort"),
            target: number("TargetPort"),
            ingress: word("PublishMode") == "ingress",
        }
    }
}

/// Consecutive ports that map to consecutive ports.
struct Run {
    protocol: String,
    published: (u64, u64),
    target: (u64, u64),
}

impl Run {
    /// Takes `port` in, if it goes on where this run ends. A run of several targets takes none of them twice.
    fn takes(&mut self, port: &Published) -> bool {
        let next = |end: u64, value: u64| value == end || value == end + 1;
        let again = self.target.0 != self.target.1 && port.target <= self.target.1;
        let fits = port.protocol == self.protocol
            && next(self.published.1, port.published)
            && next(self.target.1, port.target)
            && !again;
        if fits {
            self.published.1 = port.published;
            self.target.1 = port.target;
        }
        fits
    }

    fn text(&self) -> String {
        let range = |(from, to): (u64, u64)| if from == to { from.to_string() } else { format!("{from}-{to}") };
        format!("*:{}->{}/{}", range(self.published), range(self.target), self.protocol)
    }
}

/// Ports on the routing mesh, ranges joined: `*:8080-8082->80-82/tcp, *:53->53/udp`.
pub fn service_ports(ports: &[Value]) -> String {
    let mut ports: Vec<Published> = ports.iter().map(Published::of).filter(|p| p.ingress).collect();
    ports.sort_by(|a, b| (&a.protocol, a.published).cmp(&(&b.protocol, b.published)));
    let mut runs: Vec<Run> = Vec::new();
    for port in ports {
        if !runs.last_mut().is_some_and(|run| run.takes(&port)) {
            let (published, target) = ((port.published, port.published), (port.target, port.target));
            runs.push(Run { protocol: port.protocol, published, target });
        }
    }
    runs.retain(|run| run.published.0 > 0);
    runs.iter().map(Run::text).collect::<Vec<_>>().join(", ")
}

/// Ports of one task on its node: `*:7070->70/tcp`.
pub fn task_ports(ports: &[Value]) -> String {
    let text = |p: Published| format!("*:{}->{}/{}", p.published, p.target, p.protocol);
    ports.iter().map(|p| text(Published::of(p))).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn mesh(ports: &[(u64, u64, &str)]) -> Vec<Value> {
        let port = |(p, t, proto): &(u64, u64, &str)| json!({"Protocol": proto, "PublishedPort": p, "TargetPort": t, "PublishMode": "ingress"});
        ports.iter().map(port).collect()
    }

    #[rstest]
    #[case(&[], "")]
    #[case(&[(80, 80, "tcp")], "*:80->80/tcp")]
    #[case(&[(8081, 81, "tcp"), (8080, 80, "tcp"), (8082, 82, "tcp")], "*:8080-8082->80-82/tcp")]
    #[case(&[(53, 53, "udp"), (53, 53, "tcp")], "*:53->53/tcp, *:53->53/udp")]
    #[case(&[(80, 90, "tcp"), (81, 91, "tcp"), (82, 91, "tcp")], "*:80-81->90-91/tcp, *:82->91/tcp")]
    #[case(&[(80, 90, "tcp"), (81, 90, "tcp"), (82, 90, "tcp")], "*:80-82->90/tcp")]
    #[case(&[(80, 90, "tcp"), (81, 89, "tcp")], "*:80->90/tcp, *:81->89/tcp")]
    fn joins_ranges(#[case] ports: &[(u64, u64, &str)], #[case] text: &str) {
        assert_eq!(service_ports(&mesh(ports)), text);
    }

    #[test]
    fn host_ports_belong_to_tasks() {
        let host = [json!({"Protocol": "tcp", "PublishedPort": 7070, "TargetPort": 70, "PublishMode": "host"})];
        assert_eq!(service_ports(&host), "");
        assert_eq!(task_ports(&host), "*:7070->70/tcp");
    }
}
