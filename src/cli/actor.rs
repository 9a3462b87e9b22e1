//! Who runs stackup, for locks and releases.

use super::environment::{self as variable, Environment};
use crate::app::deliver::Actor;
use crate::system::host;

/// `ana@build-3`, and the page of the CI run.
pub fn actor(environment: &Environment) -> Actor {
    let names =
        [variable::GITHUB_ACTOR, variable::GITLAB_USER_LOGIN, variable::USER, variable::LOGNAME, variable::USERNAME];
    let name = names.into_iter().find_map(|name| environment.get(name)).unwrap_or("somebody");
    let page = || {
        let part = |variable| environment.get(variable);
        let (server, repository) = (part(variable::GITHUB_SERVER_URL)?, part(variable::GITHUB_REPOSITORY)?);
        Some(format!("{server}/{repository}/actions/runs/{}", part(variable::GITHUB_RUN_ID)?))
    };
    let others = || [variable::CI_JOB_URL, variable::BUILD_URL].into_iter().find_map(|name| environment.get(name));
    Actor {
        who: format!("{name}@{}", host::name()),
        run_url: page().or_else(|| others().map(str::to_owned)).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ci_run_has_a_page_and_a_person_has_none() {
        let ana = actor(&Environment::from([("USER", "ana"), ("GITHUB_RUN_ID", "7")]));
        assert!(ana.who.starts_with("ana@") && ana.run_url.is_empty());
        let run = actor(&Environment::from([
            ("USER", "runner"),
            ("GITHUB_ACTOR", "ben"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_RUN_ID", "7"),
        ]));
        assert!(run.who.starts_with("ben@"));
        assert_eq!(run.run_url, "https://github.com/a/b/actions/runs/7");
        assert_eq!(actor(&Environment::from([("CI_JOB_URL", "https://gl/1")])).run_url, "https://gl/1");
    }
}
