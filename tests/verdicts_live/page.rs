//! docs/verdicts.md.

use std::collections::BTreeMap;
use std::path::Path;

use crate::row::Row;
use crate::trial::{Said, Tried};

const HEAD: &str = "# What docker says of a rollout, what stackup says, and what is live

Each row was tried on a swarm of three nodes with `docker stack deploy --detach=false` and with `stackup apply`, each on a stack
of its own with one service of two tasks (`monitor` 3 s, and 15 s for what crashes). *Live* is asked through docker when the
command has ended, and watched for eight seconds: a task counts where it ran all the time. docker waits for ever in some rows and
was stopped after 40 s; in the others the number is its exit code. `tests/verdicts_live` tries all of them and fails when anything that stackup says is not so;
`STACKUP_UPDATE_DOCS=1 cargo test --test verdicts_live -- --include-ignored` writes this page.

Exit codes of stackup: 0 what was planned is live and runs; 6 it failed and is left so; 7 the version before is live again;
8 a deadline passed and swarm goes on; 9 refused before anything was written ([exit-codes.md](exit-codes.md)).
";

/// For whoever watches the test.
pub fn log(row: &Row, tried: &Tried) -> String {
    let one = |said: &Said| format!("{:?} {} s: {} -- {}", said.exit, said.seconds, said.words, said.live.words());
    format!(
        "{}\n    docker  {}\n    stackup {}\n    {} {:?}",
        row.name,
        tried.docker.as_ref().map(one).unwrap_or_default(),
        one(&tried.stackup),
        tried.told.reason,
        tried.told.evidence
    )
}

/// Fails where the page says something else of stackup than what came of the rows; STACKUP_UPDATE_DOCS writes it.
pub fn compare(rows: &[Row], tried: &BTreeMap<usize, Tried>) {
    let mut page = HEAD.to_owned();
    for (title, created) in [("First deploy", true), ("Update", false)] {
        page +=
            &format!("\n## {title}\n\n| rollout | docker | live then | stackup | live then |\n|---|---|---|---|---|\n");
        for (number, row) in rows.iter().enumerate().filter(|(_, row)| row.before.is_none() == created) {
            let Some(tried) = tried.get(&number) else { continue };
            let Some(docker) = &tried.docker else { continue };
            let options = row.options.join(" ");
            let options = if options.is_empty() { options } else { format!("<br>`{options}`") };
            let cells = [
                format!("{}{options}", row.about),
                said(docker),
                docker.live.words(),
                said(&tried.stackup),
                tried.stackup.live.words(),
            ];
            page += &format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verdicts.md");
    if std::env::var_os("STACKUP_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("docs can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let advice = "docs/verdicts.md is not what came of the rows; STACKUP_UPDATE_DOCS=1 writes it";
    assert_eq!(determined(&there), determined(&page), "{advice}");
}

/// What comes out the same in every run: each row and what stackup says of it. Where docker looked in the wrong moment, and
/// which of two tasks swarm had come to when it paused, is luck.
fn determined(page: &str) -> Vec<String> {
    let cells = |line: &str| line.replace("\\|", "/").split(" | ").map(str::to_owned).collect::<Vec<_>>();
    let kept = |line: &str| match cells(line).as_slice() {
        [row, _, _, stackup, _] => format!("{row} | {stackup}"),
        _ => line.to_owned(),
    };
    page.lines().map(kept).collect()
}

fn said(said: &Said) -> String {
    match said.exit {
        None => format!("still waiting: {}", said.words),
        Some(code) => format!("**{code}** {}", said.words),
    }
}
