//! What could be found out about a failed task beyond what swarm says of it.

use serde_json::Value;

/// What could be found out about a failed task. A container can be asked about only on the node that it was on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// Its last log lines.
    pub log: Vec<String>,
    pub container: Option<Remains>,
}

/// What the engine still knows of a container that ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// The kernel killed it, or one of its processes: it reached its memory limit.
    pub out_of_memory: bool,
    /// It had a health check.
    pub probed: bool,
    /// What the last probe of a health check that failed printed, a line each.
    pub probe: Vec<String>,
}

/// Lines of a probe.
const LINES: usize = 10;

impl Remains {
    /// `container` is as in `GET /containers/ID/json`.
    pub fn of(container: &Value) -> Self {
        let state = &container["State"];
        // Of every container that ended the engine says "unhealthy"; the probes tell.
        let failing = state["Health"]["FailingStreak"].as_u64().is_some_and(|n| n > 0);
        let last = state["Health"]["Log"].as_array().and_then(|log| log.last()).filter(|_| failing);
        let output = last.and_then(|probe| probe["Output"].as_str()).unwrap_or_default();
        let test = container["Config"]["Healthcheck"]["Test"].as_array();
        let first = test.and_then(|t| t.first()).and_then(Value::as_str);
        Self {
            probed: first.is_some_and(|word| word != "NONE"),
            out_of_memory: state["OOMKilled"].as_bool().unwrap_or_default(),
            probe: output.lines().map(str::trim_end).filter(|l| !l.is_empty()).take(LINES).map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_is_left_of_a_container() {
        let health = json!({"Status": "unhealthy", "FailingStreak": 2, "Log": [
            {"ExitCode": 0, "Output": "fine"}, {"ExitCode": 1, "Output": "refused\n\nby port 80\n"}]});
        let seen = Remains::of(&json!({"State": {"OOMKilled": true, "Health": health}}));
        assert_eq!((seen.out_of_memory, seen.probe), (true, vec!["refused".to_owned(), "by port 80".to_owned()]));
        let well = json!({"Status": "unhealthy", "FailingStreak": 0, "Log": [{"ExitCode": 0, "Output": "fine"}]});
        assert_eq!(Remains::of(&json!({"State": {"Health": well}})), Remains::default());
        assert_eq!(Remains::of(&json!({})), Remains::default());
        let probed = |test: Value| Remains::of(&json!({"Config": {"Healthcheck": {"Test": test}}})).probed;
        assert_eq!((probed(json!(["CMD", "x"])), probed(json!(["NONE"])), probed(json!([]))), (true, false, false));
    }
}
