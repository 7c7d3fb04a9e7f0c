//! `/_/design/{token}/…`: the site's public pages with what is tried out of its theme's settings (row TH03): for the
//! customiser of the panel, which shows it in a frame, and for people without an account who have the link.
//!
//! In the panel's frame runs one script of ours and no other: the policy names it by its hash, and the sandbox gives it
//! no origin. It takes values of CSS variables from the panel and says how far somebody scrolled (security rule B6).

use std::sync::{Arc, LazyLock};

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use freehold_base::{Code, Error, Result};
use freehold_platform::secrets::tokens::{DesignGrant, Scheme, read_design};
use freehold_publishing::designs::{self, Values};
use freehold_publishing::pages::{Ask, Pages};
use freehold_store::Tx;
use sha2::{Digest as _, Sha256};

use super::desk::{VisitorDesk, refuse};
use super::preview::{apart, apart_with};
use super::theme::{asked_within, stay};
use crate::web::page::content_security_policy;
use crate::web::source::Rendered;
use crate::web::visit::Visit;

/// What runs in the panel's frame.
const SCRIPT: &str = include_str!("framed.js");

/// Its hash as a policy names it.
static HASH: LazyLock<String> = LazyLock::new(|| format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT))));

/// Shows what the token grants. Unknown, expired, ended and foreign tokens answer alike.
pub(super) async fn show(
    request: HttpRequest,
    visit: Visit,
    desk: Data<VisitorDesk>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let desk = desk.into_inner();
    let now = desk.store().clock().now();
    let (token, _) = path.into_inner();
    let grant = read_design(desk.keys(), &token, now).filter(|g| g.site == visit.site.site);
    match grant {
        Some(grant) => page(&request, &visit, &desk, grant, &token).await.unwrap_or_else(|e| refuse(&e)),
        None => refuse(&Error::code(Code::LinkUsed)),
    }
}

async fn page(
    request: &HttpRequest,
    visit: &Visit,
    desk: &Arc<VisitorDesk>,
    grant: DesignGrant,
    token: &str,
) -> Result<HttpResponse> {
    let base = format!("/_/design/{token}");
    let asked = asked_within(request, visit, desk, &base)?;
    let origin = visit.site.origin.to_string();
    let (framed, scheme, framers) = (grant.link == 0, grant.scheme, desk.framers().to_owned());
    let more = move |page: &mut Rendered| {
        stay(page, &origin, &base);
        dress(page, scheme, framed);
        if framed {
            apart_with(page, &framed_policy(&framers));
        } else {
            apart(page, &content_security_policy(&[]));
        }
    };
    let make = move |pages: &Pages, tx: &mut Tx<'_>, ask: &Ask<'_>| {
        let scope = tx.visit(grant.site)?;
        let changes = designs::shown(tx, scope, &grant.theme, grant.link)?;
        pages.answer_with(tx, ask, &grant.theme, if grant.live { Values::new() } else { changes })
    };
    desk.alone(request, asked, None, make, more).await
}

/// Only the panel frames it, only our script runs, and that has no origin.
fn framed_policy(framers: &str) -> String {
    let policy = content_security_policy(&[])
        .replace("script-src 'self'", &format!("script-src '{}'", *HASH))
        .replace("frame-ancestors 'self'", &format!("frame-ancestors {framers}"));
    format!("{policy}; sandbox allow-forms allow-popups allow-scripts")
}

/// Puts the wanted colours and the script at the end of the page's head.
fn dress(page: &mut Rendered, scheme: Scheme, framed: bool) {
    let colours = match scheme {
        Scheme::Auto => "",
        Scheme::Light => "<style>:root{color-scheme:light!important}</style>",
        Scheme::Dark => "<style>:root{color-scheme:dark!important}</style>",
    };
    let script = if framed { format!("<script>{SCRIPT}</script>") } else { String::new() };
    let is_html = page.content_type.as_bytes().starts_with(b"text/html");
    if let (true, Ok(html)) = (is_html, std::str::from_utf8(&page.body))
        && let Some((before, after)) = html.split_once("</head>")
    {
        page.body = format!("{before}{colours}{script}</head>{after}").into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: B6
    #[test]
    fn b06_in_the_panels_frame_runs_our_script_alone_and_it_has_no_origin() {
        let policy = framed_policy("http://localhost:8081");
        assert!(policy.contains(&format!("script-src '{}';", *HASH)), "{policy}");
        assert!(policy.contains("frame-ancestors http://localhost:8081;"), "{policy}");
        assert!(policy.ends_with("sandbox allow-forms allow-popups allow-scripts"), "{policy}");
        assert!(!policy.contains("allow-same-origin") && !SCRIPT.contains("</"));
    }
}
