//! `services.NAME.healthcheck`.

use super::value::{boolean, duration, texts, unsigned};
use crate::compose::context::Context;
use crate::compose::model::Healthcheck;
use crate::compose::yaml::{Kind, Node};
use crate::diagnostic::{Spanned, code};

pub fn healthcheck(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<Healthcheck>> {
    let map = node.as_map()?;
    let test = map.get("test").map(|n| {
        let words = match &n.kind {
            Kind::Text(line) => vec!["CMD-SHELL".to_owned(), line.clone()],
            _ => texts(n).into_iter().map(|t| t.value).collect(),
        };
        Spanned::new(words, n.span)
    });
    if let Some(test) = &test {
        let first = test.value.first().map(String::as_str);
        if first.is_some_and(|f| !matches!(f, "NONE" | "CMD" | "CMD-SHELL" | "")) {
            let message = "a list in `healthcheck.test` starts with CMD, CMD-SHELL or NONE";
            cx.error(
                code::BAD_HEALTH_TEST,
                message,
                test.span,
                "write [CMD, …] to run a program, or one text for a shell",
            );
        }
    }
    let check = Healthcheck {
        test,
        interval: map.get("interval").and_then(|n| duration(cx, n)),
        timeout: map.get("timeout").and_then(|n| duration(cx, n)),
        retries: map.get("retries").and_then(|n| unsigned(cx, n)),
        start_period: map.get("start_period").and_then(|n| duration(cx, n)),
        start_interval: map.get("start_interval").and_then(|n| duration(cx, n)),
        disable: map.get("disable").and_then(|n| boolean(cx, n)),
    };
    Some(Spanned::new(check, node.span))
}
