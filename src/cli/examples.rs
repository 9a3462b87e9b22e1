//! What stands at the end of each help: lines to type.

pub const ALL: &str = "\
Examples:\n\
\x20 stackup plan -c compose.yaml shop    what would be done, and which tasks restart\n\
\x20 stackup apply -c compose.yaml shop   do it, follow it, verify it\n\
\x20 stackup status shop                  how it is now\n\
\n\
Exit codes: `stackup explain exit`. Environment: `stackup explain environment`.";

pub const PLAN: &str = "\
Examples:\n\
\x20 stackup plan                                     the Compose file of this folder\n\
\x20 stackup plan -c compose.yaml -c prod.yaml shop   the second overrides the first\n\
\x20 stackup plan --detailed-exitcode shop            exit 2 where there are changes\n\
\x20 stackup plan --target 'web*' shop                only these services\n\
\x20 stackup plan --format html shop > plan.html      a page to send somebody\n\
\x20 stackup plan -o shop.stackup shop                saved, so that apply does exactly this";

pub const APPLY: &str = "\
Examples:\n\
\x20 stackup apply -c compose.yaml shop               asks before it does anything\n\
\x20 stackup apply -c compose.yaml -y shop            in scripts\n\
\x20 stackup apply shop.stackup                       a saved plan, as it was shown or not at all\n\
\x20 stackup apply --approve-plan p-6c1f-90ab-22e4    only what somebody has seen\n\
\x20 stackup apply --on-failure rollback -y shop      put back what fails";

pub const SHOW: &str = "\
Examples:\n\
\x20 stackup show shop.stackup\n\
\x20 stackup show --format json shop.stackup          for programs";

pub const SNAPSHOT: &str = "\
Examples:\n\
\x20 stackup snapshot -o shop.snapshot shop           what is live, without secrets\n\
\x20 stackup plan --live shop.snapshot shop           compared with it, without an engine";

pub const DEPLOY: &str = "\
Examples:\n\
\x20 stackup deploy -c compose.yaml shop\n\
\x20 stackup deploy -c compose.yaml --prune --detach=false shop";

pub const WATCH: &str = "\
Examples:\n\
\x20 stackup watch                                    what stackup.yaml of this folder names, until it is stopped\n\
\x20 stackup watch --config ops.yaml --once           once, for cron and CI: 2 with changes that wait for a person\n\
\x20 stackup watch --json                             a line of JSON a thing";

pub const CHECK: &str = "\
Examples:\n\
\x20 stackup check -c compose.yaml\n\
\x20 stackup check --format github --deny-warnings    in GitHub Actions";

pub const CONFIG: &str = "\
Examples:\n\
\x20 stackup config -c compose.yaml -c prod.yaml > resolved.yaml\n\
\x20 stackup config -c compose.yaml -c prod.yaml --origins    who said what";

pub const GRAPH: &str = "\
Examples:\n\
\x20 stackup graph -c compose.yaml                        Mermaid, which GitHub draws in a ```mermaid block\n\
\x20 stackup graph -c compose.yaml --format svg > stack.svg\n\
\x20 stackup graph --format dot | dot -Tpng > stack.png";

pub const LS: &str = "\
Examples:\n\
\x20 stackup ls\n\
\x20 stackup ls --format '{{.Name}}'";

pub const PS: &str = "\
Examples:\n\
\x20 stackup ps shop\n\
\x20 stackup ps --no-trunc --filter desired-state=running shop";

pub const SERVICES: &str = "\
Examples:\n\
\x20 stackup services shop\n\
\x20 stackup services --filter name=shop_web --format '{{.Replicas}}' shop";

pub const STATUS: &str = "\
Examples:\n\
\x20 stackup status shop\n\
\x20 stackup status shop --follow";

pub const LOGS: &str = "\
Examples:\n\
\x20 stackup logs shop                        all services together\n\
\x20 stackup logs --follow --tail 20 shop web\n\
\x20 stackup logs --since 10m shop web.2      one slot";

pub const RM: &str = "\
Examples:\n\
\x20 stackup rm shop           asks first\n\
\x20 stackup rm -y shop blog   in scripts";

pub const SCALE: &str = "\
Examples:\n\
\x20 stackup scale shop_web=5\n\
\x20 stackup scale -y shop_web=5 shop_worker=2";

pub const DRIFT: &str = "\
Examples:\n\
\x20 stackup drift shop\n\
\x20 stackup drift --detailed-exitcode shop    exit 2 where there is drift\n\
\x20 stackup drift --accept web shop           what is live of web is what was meant";

pub const HISTORY: &str = "\
Examples:\n\
\x20 stackup history shop\n\
\x20 stackup history --show 14 shop";

pub const ROLLBACK: &str = "\
Examples:\n\
\x20 stackup rollback shop            the release before, shown and asked for\n\
\x20 stackup rollback -y --to 12 shop";

pub const ADOPT: &str = "\
Examples:\n\
\x20 stackup adopt shop";

pub const LOCK: &str = "\
Examples:\n\
\x20 stackup lock acquire shop -m 'frozen until Monday'\n\
\x20 stackup lock status shop";

pub const EXPLAIN: &str = "\
Examples:\n\
\x20 stackup explain SU0201\n\
\x20 stackup explain exit";

pub const SCHEMA: &str = "\
Examples:\n\
\x20 stackup schema compose > compose.schema.json     for an editor";

pub const COMPLETIONS: &str = "\
Examples:\n\
\x20 stackup completions bash > /etc/bash_completion.d/stackup\n\
\x20 stackup completions zsh > ~/.zfunc/_stackup";

pub const MAN: &str = "\
Examples:\n\
\x20 stackup man | man -l -\n\
\x20 stackup man apply | man -l -";
