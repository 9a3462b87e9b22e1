//! The job's summary: status, plan, what moved, what failed and with which last words, what is live now.

use super::report::Report;
use crate::diagnostic::{DiagnosticJson, Severity};
use crate::ui::drift::{dotted, values};
use crate::ui::plan::markdown::{block, code, code_cell, markdown};
use crate::ui::visible;

/// Bytes; GitHub drops a summary past 1 MiB, and other steps may write one too.
const MOST: usize = 900_000;

/// Characters of the plan.
const PLAN: usize = 180_000;

/// Problems and rows that are told.
const SHOWN: usize = 200;

/// What a summary is made from.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    /// Markdown of our own making.
    pub status: &'a str,
    pub report: &'a Report,
    /// Objects that are planned otherwise than was reviewed.
    pub moved: &'a [String],
    /// Why it ended as it did, where it did not end well.
    pub reason: &'a str,
}

impl Summary<'_> {
    pub fn render(&self) -> String {
        let mut limit = PLAN;
        loop {
            let text = self.within(limit);
            if text.len() <= MOST || limit < 1_000 {
                return text
                    .chars()
                    .scan(0, |used, c| {
                        Some(c).filter(|c| {
                            *used += c.len_utf8();
                            *used <= MOST
                        })
                    })
                    .collect();
            }
            limit /= 2;
        }
    }

    fn within(&self, limit: usize) -> String {
        let report = self.report;
        let mut out = format!("{}\n\n", self.status);
        if !self.reason.is_empty() {
            let lines: Vec<String> = self.reason.lines().map(|line| visible(line).into_owned()).collect();
            out.push_str(&format!("{}\n", block("text", &lines)));
        }
        if !self.moved.is_empty() {
            let lines: Vec<String> = self.moved.iter().map(|line| visible(line).into_owned()).collect();
            out.push_str(&format!("**What moved**\n\n{}\n", block("text", &lines)));
        }
        out.push_str(&failures(report));
        if let Some(plan) = &report.plan {
            out.push_str(&markdown(plan, limit));
        }
        out.push_str(&drift(report));
        out.push_str(&problems(&report.diagnostics));
        out.push_str(&ledger(report));
        out
    }
}

fn failures(report: &Report) -> String {
    let mut out = String::new();
    for one in &report.failed {
        out.push_str(&format!("- {} {}\n", code(&one.address), code(&one.message)));
    }
    for one in &report.evidence {
        let mut lines = vec![format!("{}: {}", visible(&one.address), visible(&one.message))];
        lines.extend(one.log.iter().map(|line| format!("  | {}", visible(line))));
        out.push_str(&format!("\n{}", block("text", &lines)));
    }
    if out.is_empty() { out } else { format!("**What failed**\n\n{out}\n") }
}

/// A table of what was changed outside.
pub fn drift(report: &Report) -> String {
    if report.drift.is_empty() {
        return String::new();
    }
    let mut out = "| object | field | applied and live |\n|---|---|---|\n".to_owned();
    for one in report.drift.iter().take(SHOWN) {
        let field = if one.path.is_empty() { one.what.as_str().to_owned() } else { dotted(&one.path) };
        out.push_str(&format!(
            "| {} | {} | {} |\n",
            code_cell(&one.address),
            code_cell(&field),
            code_cell(&values(one))
        ));
    }
    if report.drift.len() > SHOWN {
        out.push_str(&format!("| and {} more | | |\n", report.drift.len() - SHOWN));
    }
    format!("\n**Changed outside stackup**\n\n{out}")
}

fn problems(all: &[DiagnosticJson]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut lines: Vec<String> = all.iter().take(SHOWN).map(line).collect();
    if all.len() > SHOWN {
        lines.push(format!("and {} more", all.len() - SHOWN));
    }
    format!("\n**Problems**\n\n{}", block("text", &lines))
}

/// `web/compose.yml:3:5: error[SU0201]: message`
pub fn line(one: &DiagnosticJson) -> String {
    let word = match one.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let place = one.span.as_ref();
    let place = place.map(|span| format!("{}:{}:{}: ", visible(&span.file), span.start.line, span.start.column));
    format!("{}{word}[{}]: {}", place.unwrap_or_default(), visible(&one.code), visible(&one.message))
}

fn ledger(report: &Report) -> String {
    if report.ledger.is_empty() {
        return String::new();
    }
    let mut out = "| object | action | now | |\n|---|---|---|---|\n".to_owned();
    for one in report.ledger.iter().take(SHOWN) {
        let why = if one.why.is_empty() { String::new() } else { code_cell(&one.why) };
        out.push_str(&format!(
            "| {} | {} | {} | {why} |\n",
            code_cell(&one.address),
            code_cell(&one.action),
            code_cell(&one.fate)
        ));
    }
    if report.ledger.len() > SHOWN {
        out.push_str(&format!("| and {} more | | | |\n", report.ledger.len() - SHOWN));
    }
    format!("\n<details><summary>What is live now</summary>\n\n{out}\n</details>\n")
}

#[cfg(test)]
mod tests {
    use super::super::report::{Evidence, Failed, Fate};
    use super::*;
    use crate::plan::document::sample::{document, hostile};

    #[test]
    fn keeps_to_its_bytes_and_to_its_fences() {
        let mut plan = document(&hostile());
        let change = plan.changes[0].clone();
        plan.changes = (0..3_000).map(|_| change.clone()).collect();
        let report = Report {
            plan: Some(plan),
            failed: vec![Failed { address: "service/web".into(), message: "`@all` <b>".into() }],
            evidence: vec![Evidence { address: "a".into(), message: "m".into(), log: vec!["```\n::x".into(); 3] }],
            ledger: vec![Fate { address: "a|b".into(), why: "@all".into(), ..Fate::default() }; 300],
            ..Report::default()
        };
        let moved = ["````".to_owned()];
        let text = Summary { status: "Not applied.", report: &report, moved: &moved, reason: "a\n```" }.render();
        assert!(text.len() <= MOST, "{}", text.len());
        assert!(text.contains("`````text\n````\n`````") && text.contains("`a\\|b`"), "fences");
        assert!(text.contains("| and 100 more |"));
    }
}
