//! Contexts as a node gave them once to its pages, in their states: customers, logins, rules, the server.

use serde::Deserialize;
use serde_json::Value;

use super::super::frame::{Frame, Hat};
use super::full_frame;

#[derive(Deserialize)]
struct Drawn {
    name: String,
    template: String,
    title: String,
    server: bool,
    page: Value,
}

/// All of them.
pub(super) fn drawn() -> Vec<(&'static str, &'static str, Frame, Value)> {
    let parts = [
        include_str!("customers.json"),
        include_str!("logins.json"),
        include_str!("rules.json"),
        include_str!("server.json"),
    ];
    let all = parts.iter().flat_map(|part| serde_json::from_str::<Vec<Drawn>>(part).unwrap());
    all.map(|one| {
        let mut frame = full_frame(&one.title);
        if one.server {
            frame.hat = Hat::Server;
        }
        let text = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        (text(one.name), text(one.template), frame, one.page)
    })
    .collect()
}
