//! What the plan says of one service.

use serde_json::Value;

use crate::course::{Course, Kind};
use crate::row::Mode;

#[derive(Clone, Debug)]
pub struct Told {
    pub course: Course,
    /// The strongest of the fields' effects, as the plan writes it; empty where nothing is planned.
    pub effect: String,
    /// The code of what stands in the way, beside tasks that fit nowhere.
    pub refused: Option<String>,
    /// The plan leaves a field out, for the engine would drop it.
    pub left_out: bool,
    /// `path: effect` of each field, for a person.
    pub fields: Vec<String>,
}

/// Rows may have tasks that fit nowhere.
pub const UNPLACED: [&str; 2] = ["SU0511", "SU0512"];

/// From the weakest on.
const EFFECTS: [&str; 5] = ["none", "scale", "replacement", "forces_restart", "forces_recreate"];

/// The first error of the plan that is not about places for tasks.
pub fn refusal(plan: &Value) -> Option<String> {
    let errors = plan["preflight"].as_array().unwrap().iter().filter(|one| one["severity"] == "error");
    errors.filter_map(|one| one["code"].as_str()).find(|code| !UNPLACED.contains(code)).map(str::to_owned)
}

impl Told {
    pub fn read(plan: &Value, service: &str, mode: Mode) -> Self {
        let address = format!("service/{service}");
        let about = |list: &Value, key: &str| -> Vec<Value> {
            let list = list.as_array().unwrap().iter();
            list.filter(|one| one[key].as_str() == Some(&address)).cloned().collect()
        };
        let left_out = about(&plan["diagnostics"], "address").iter().any(|one| one["code"] == "SU0506");
        let refused = refusal(plan);
        let Some(change) = about(&plan["changes"], "address").pop() else {
            return Self { course: Course::NOT_WRITTEN, effect: String::new(), refused, left_out, fields: Vec::new() };
        };
        let fields = change["fields"].as_array().unwrap();
        let effect = |field: &Value| EFFECTS.iter().position(|known| field["effect"] == *known).unwrap();
        let strongest = fields.iter().map(effect).max().unwrap();
        let number = |key: &str| change["impact"][key].as_u64().unwrap();
        let kind = match change["action"].as_str().unwrap() {
            "recreate" => Kind::Recreated,
            "restart" if mode.is_job() => Kind::RunsAgain,
            "update" | "scale" | "restart" => Kind::Written,
            other => panic!("{service}: an action that no row has: {other}"),
        };
        let course = Course {
            kind,
            replaced: number("tasks_restarted"),
            added: number("tasks_started"),
            removed: number("tasks_stopped"),
        };
        let say = |field: &Value| format!("{}: {}", field["path"].as_str().unwrap(), field["effect"].as_str().unwrap());
        let fields = fields.iter().map(say).collect();
        Self { course, effect: EFFECTS[strongest].to_owned(), refused, left_out, fields }
    }

    /// What swarm did is not what a field of that effect does.
    pub fn effect_is_untrue_of(&self, found: Course, kept: u64) -> bool {
        let touched = found.replaced + found.added + found.removed;
        let written = found.kind == Kind::Written;
        !match self.effect.as_str() {
            "" => found.kind == Kind::NotWritten,
            "none" => written && touched == 0,
            "scale" => written && found.replaced == 0 && found.added + found.removed > 0,
            "replacement" => written,
            "forces_restart" => found.kind == Kind::RunsAgain || (written && kept == 0),
            _ => found.kind == Kind::Recreated,
        }
    }
}
