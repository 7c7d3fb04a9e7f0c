//! All doors of the API, each with what it needs and what the OpenAPI document says of it.

mod content;
mod hosting;
mod customers;
mod people;

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};

use crate::api::doc::Table;
use crate::api::metrics;
use crate::panel::access::RouteLine;

/// The table.
pub fn table() -> Table {
    let mut t = Table::default();
    hosting::of_sites(&mut t);
    hosting::of_rules(&mut t);
    hosting::of_domains(&mut t);
    content::of_entries(&mut t);
    content::of_terms_and_media(&mut t);
    content::of_comments(&mut t);
    content::of_menus(&mut t);
    content::of_themes(&mut t);
    content::of_designs(&mut t);
    hosting::of_files(&mut t);
    people::of_people_and_jobs(&mut t);
    hosting::of_logins(&mut t);
    customers::of_customers(&mut t);
    customers::of_resellers(&mut t);
    people::of_signing_in(&mut t);
    hosting::of_cron(&mut t);
    t
}

/// The document, written once.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| table().document().1.to_json().unwrap_or_default());

/// The lines of the table: what the route walk is made from.
pub fn lines() -> Vec<RouteLine> {
    table().routes.lines().to_vec()
}

/// Registers the table, the document and `/metrics` on a worker.
pub fn configure(config: &mut ServiceConfig) {
    table().routes.register(config);
    for address in ["/api/openapi.json", "/api/v1/openapi.json"] {
        config.route(address, web::get().to(document));
    }
    config.route("/metrics", web::get().to(metrics::show));
}

/// The OpenAPI 3.1 document; it holds nothing that is not in the source.
async fn document() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("cache-control", "public, max-age=300"))
        .body(DOCUMENT.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::access::Access;

    // row: AP01
    #[test]
    fn ap01_every_route_is_in_the_document() {
        let document: serde_json::Value = serde_json::from_str(&DOCUMENT).expect("JSON");
        assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{}", document["openapi"]);
        let all = lines();
        assert!(all.len() > 35, "{}", all.len());
        for line in all {
            let operation = &document["paths"][line.path][line.method.as_str().to_lowercase()];
            assert!(operation["summary"].is_string(), "{} {}", line.method, line.path);
            assert!(operation["responses"]["default"].is_object());
            assert_eq!(operation["security"][0]["token"], serde_json::json!([]), "{} {}", line.method, line.path);
        }
        let text = DOCUMENT.as_str();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(document["components"]["schemas"][name].is_object(), "{name} is named and not described");
        }
    }

    // rule: C8
    #[test]
    fn c08_no_route_of_the_api_is_open_or_makes_tokens() {
        for line in lines() {
            assert!(!matches!(line.access, Access::Open | Access::Half), "{}", line.path);
            assert!(!line.path.contains("token"), "{}", line.path);
        }
    }
}
