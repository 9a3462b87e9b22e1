//! The comment of a pull request: header, status, plan, where it came from.

use super::header::Header;
use super::outputs::artifact;
use super::runner::Run;
use crate::plan::document::Document;
use crate::ui::plan::markdown::{code, markdown};

/// What a comment is made from.
#[derive(Clone, Copy, Debug)]
pub struct Comment<'a> {
    pub header: &'a Header,
    pub plan: &'a Document,
    pub label: &'a str,
    pub run: &'a Run,
}

/// Room for a status that is longer than the first one.
const STATUS: usize = 1_000;

impl Comment<'_> {
    /// At most `limit` characters, as long as header and table do not need more.
    pub fn render(&self, limit: usize) -> String {
        let status = format!("Planned in run {} for {}.", self.run.link(), code(short(&self.header.sha)));
        let mut head = String::new();
        if !self.label.is_empty() {
            head.push_str(&format!("**{}**\n\n", code(self.label)));
        }
        let (line, foot) = (self.header.line(), self.foot());
        let used: usize = [line.as_str(), &status, &head, &foot].iter().map(|text| text.chars().count()).sum();
        let plan = markdown(self.plan, limit.saturating_sub(used + STATUS));
        assemble(&line, &status, &format!("{head}{plan}{foot}"))
    }

    fn foot(&self) -> String {
        let mut out = format!(
            "\nMade {} in run {}; the job's summary and the artifact {} hold all of it. Merging approves plan {}: it is applied only if the same would still be done then.\n",
            code(&self.plan.created),
            self.run.link(),
            code(&artifact(&self.plan.stack, self.label)),
            code(&self.plan.short_id())
        );
        if !self.header.before.is_empty() {
            out.push_str("\n<details><summary>Earlier plans</summary>\n\n");
            for one in &self.header.before {
                let run = Run {
                    id: digits(&one.run),
                    number: digits(&one.number),
                    attempt: String::new(),
                    ..self.run.clone()
                };
                let id = crate::plan::short_id(&one.plan);
                out.push_str(&format!("- {} for {}, run {}\n", code(&id), code(short(&one.sha)), run.link()));
            }
            out.push_str("\n</details>\n");
        }
        out
    }
}

fn assemble(header: &str, status: &str, rest: &str) -> String {
    format!("{header}\n\n{status}\n\n{rest}")
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).take(20).collect()
}

/// A commit as people see it.
pub fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}

/// What a comment of ours says became of its plan.
pub fn status(body: &str) -> Option<String> {
    let body = body.replace("\r\n", "\n");
    Header::parse(&body)?;
    body.split("\n\n").nth(1).map(str::to_owned)
}

/// The same comment with another status; `None` where it is no comment of ours.
pub fn with_status(body: &str, status: &str) -> Option<String> {
    let body = body.replace("\r\n", "\n");
    Header::parse(&body)?;
    let mut parts = body.splitn(3, "\n\n");
    let (header, _, rest) = (parts.next()?, parts.next()?, parts.next()?);
    Some(assemble(header, &status.replace('\n', " "), rest))
}

#[cfg(test)]
mod tests {
    use super::super::objects;
    use super::*;
    use crate::plan::document::sample::{document, everything, hostile};
    use crate::ui::plan::markdown::COMMENT;

    fn header(plan: &Document) -> Header {
        Header {
            key: "k".into(),
            plan: plan.plan_id.clone(),
            sha: "0123456789abcdef0123456789abcdef01234567".into(),
            objects: objects::of(plan),
            ..Header::default()
        }
    }

    fn run() -> Run {
        Run { base: "https://github.example/a/b".into(), id: "77".into(), number: "812".into(), attempt: "1".into() }
    }

    #[test]
    fn says_which_plan_and_its_status_can_be_changed() {
        let plan = document(&everything());
        let header = header(&plan);
        let body = Comment { header: &header, plan: &plan, label: "prod", run: &run() }.render(COMMENT);
        assert_eq!(Header::parse(&body), Some(header));
        assert!(
            body.contains("\n\nPlanned in run [#812](https://github.example/a/b/actions/runs/77) for `0123456`.\n\n")
        );
        assert!(body.contains("**`prod`**"));
        let after = with_status(&body.replace('\n', "\r\n"), "Applied.\nx").unwrap();
        assert!(after.contains("\n\nApplied. x\n\n") && !after.contains("Planned in run"), "{after}");
        assert_eq!((status(&after).as_deref(), status("a\n\nb\n\nc")), (Some("Applied. x"), None));
        assert_eq!(Header::parse(&after), Header::parse(&body));
        assert_eq!(with_status("hello\n\nworld\n\n!", "x"), None);
    }

    /// `docs/action-comment.md` is what a person sees. `STACKUP_UPDATE_SCHEMAS=1` writes it anew.
    #[test]
    fn the_documentation_shows_a_comment_as_it_is() {
        let plan = document(&everything());
        let before =
            Header { plan: "p-0f1e2d3c4b5a69788796a5b4c3d2e1f0".into(), sha: "fedcba9".into(), ..header(&plan) };
        let header = Header { objects: None, ..header(&plan) }.after(Some(Header {
            run: "71".into(),
            number: "806".into(),
            ..before
        }));
        let body = Comment { header: &header, plan: &plan, label: "", run: &run() }.render(COMMENT);
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/action-comment.md");
        if std::env::var_os("STACKUP_UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &body).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), body, "STACKUP_UPDATE_SCHEMAS=1 cargo test --lib action::");
    }

    #[test]
    fn keeps_to_its_limit_with_three_hundred_services_and_keeps_the_id() {
        let mut plan = document(&everything());
        let web = plan.changes[1].clone();
        plan.changes = (0..300)
            .map(|n| {
                let mut change = web.clone();
                change.address = format!("service/web{n}");
                change
            })
            .collect();
        let header = header(&plan);
        let body = Comment { header: &header, plan: &plan, label: "", run: &run() }.render(COMMENT);
        assert!(body.chars().count() <= COMMENT, "{}", body.chars().count());
        assert_eq!(Header::parse(&body).unwrap().plan, plan.plan_id);
        assert!(body.contains(&plan.short_id()) && body.contains("| `web299` |"));
    }

    #[test]
    fn a_label_and_a_commit_stay_in_their_code() {
        let plan = document(&hostile());
        let mut header = header(&plan);
        header.sha = "`@me".into();
        let body = Comment { header: &header, plan: &plan, label: "`@all <b>", run: &run() }.render(COMMENT);
        assert!(body.contains("**`` `@all <b> ``**") && body.contains("for `` `@me ``."), "{body}");
    }
}
