//! What comes before everything else, and an image that nobody has.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;

fn job(key: &str, image: &str) -> DesiredService {
    let mode = json!({"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}});
    wanted(key, &[("/Mode", mode), ("/TaskTemplate/ContainerSpec/Image", json!(image))])
}

/// db <- migrate <- api, and web that needs nobody.
fn shop(version: &str) -> Vec<DesiredService> {
    let image = |key: &str| wanted(key, &[("/TaskTemplate/ContainerSpec/Image", json!(version))]);
    let (mut migrate, mut api) = (job("migrate", version), image("api"));
    migrate.depends_on.insert("db".into(), DependsOnCondition::Healthy);
    api.depends_on.insert("migrate".into(), DependsOnCondition::CompletedSuccessfully);
    vec![api, image("db"), migrate, image("web")]
}

fn waves(plan: &Plan) -> Vec<(&str, u32)> {
    let services = plan.changes.iter().filter(|c| c.kind == Kind::Service);
    services.map(|c| (c.key.as_str(), c.wave)).collect()
}

#[test]
fn a_migration_comes_before_all_that_it_does_not_need() {
    let live = snapshot(&shop("bb:1"));
    let all = plan(&desired(shop("bb:2")), &live);
    assert_eq!(waves(&all), [("db", 1), ("migrate", 2), ("api", 3), ("web", 3)]);
    assert!(all.changes.iter().find(|c| c.key == "web").unwrap().after.is_empty(), "it waits, and needs it not");

    // One that is not written has run; what it needs still comes first.
    let mut rest = shop("bb:2");
    rest[2] = shop("bb:1").remove(2);
    assert_eq!(waves(&plan(&desired(rest), &live)), [("db", 1), ("web", 1), ("api", 2)]);

    // A wave that somebody wrote down is before it all the same.
    let mut early = shop("bb:2");
    for service in &mut early {
        service.wave = Some(if service.key == "web" { 1 } else { 2 });
    }
    assert_eq!(waves(&plan(&desired(early), &live)), [("web", 1), ("db", 2), ("migrate", 3), ("api", 4)]);
}

#[test]
fn an_image_that_nobody_has_is_refused_where_it_is_new() {
    let missing = PlanOptions { absent: BTreeSet::from(["bb:2".to_owned()]), ..PlanOptions::default() };
    let image = |image: &str| wanted("web", &[("/TaskTemplate/ContainerSpec/Image", json!(image))]);
    let live = snapshot(&[image("bb:1")]);
    let wish = desired(vec![image("bb:2")]);
    assert_eq!(codes(&build(&wish, &live, &missing).preflight), [code::NO_SUCH_IMAGE.id]);
    let skip = PlanOptions { skip_preflight: vec![code::NO_SUCH_IMAGE.id.to_owned()], ..missing.clone() };
    assert!(build(&wish, &live, &skip).applyable());
    // What is live already may have lost its place in the registry, and nothing happens to it.
    let there = build(&wish, &snapshot(&[image("bb:2")]), &missing);
    assert!(there.is_empty() && there.applyable(), "{:?}", there.preflight);
}
