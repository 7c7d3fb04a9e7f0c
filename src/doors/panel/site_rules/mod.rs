//! What a site answers before its pages or files: redirects on one page, all else on another; both try an address.

pub mod redirects;
pub mod rules;

use freehold_base::{Error, Result};
use freehold_platform::sites::rules as service;
use serde::Serialize;

use super::ctx::Ctx;

/// The form that says which rule answers an address, and what it said.
#[derive(Clone, Default, Serialize)]
struct TryView {
    /// Where it asks.
    action: String,
    /// What was typed.
    address: String,
    error: String,
    steps: Vec<StepView>,
}

#[derive(Clone, Serialize)]
struct StepView {
    icon: &'static str,
    text: String,
}

async fn trial(ctx: &Ctx, page: &str) -> Result<TryView> {
    let action = format!("{}/{page}", ctx.base());
    let address = ctx.param("try").unwrap_or_default();
    if address.trim().is_empty() {
        return Ok(TryView { action, address, ..Default::default() });
    }
    let (site, asked) = (ctx.site, address.clone());
    match ctx.read(move |tx| service::try_address(tx, site, &asked)).await {
        Ok(found) => {
            let step = |step: service::Step| StepView {
                icon: match step.kind {
                    "redirect" => "corner-down-left",
                    "password" => "lock",
                    "header" => "tag",
                    _ => "file",
                },
                text: step.text,
            };
            Ok(TryView { action, address, steps: found.steps.into_iter().map(step).collect(), ..Default::default() })
        }
        Err(e @ Error::Invalid(_)) => Ok(TryView { action, address, error: e.sentence(), ..Default::default() }),
        Err(e) => Err(e),
    }
}

/// One choice of a list.
#[derive(Clone, Serialize)]
struct Choice {
    value: &'static str,
    label: &'static str,
}

fn choices(all: &[(&'static str, &'static str)]) -> Vec<Choice> {
    all.iter().map(|(value, label)| Choice { value, label }).collect()
}
