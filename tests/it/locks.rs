//! Who writes in what: seen in the list, freed by its holder and by whoever may write everything.

use crate::node::{Browser, nodes};

// row: CM15, CM08
#[test]
fn a_lock_is_listed_and_freed() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let id = editor.rsplit('/').next().unwrap().to_owned();
        let list = |query: &str| browser.get(&format!("/admin/s/1/posts{query}")).text().unwrap();
        assert!(!list("").contains("is writing here"));
        let beat = || browser.post(&format!("/admin/s/1/entries/{id}/lock"), &[]).status().as_u16();
        assert_eq!(browser.get(&editor).status(), 200);
        assert!(!list("").contains("is writing here"), "looking takes no lock");
        assert_eq!(beat(), 200, "the page's first sign of life takes it");
        assert!(list("").contains("mara is writing here"));
        assert!(list("?editing=1").contains("Hello from"));
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{id}/lock?release=1"), &[]).status(), 204);
        assert!(!list("").contains("is writing here"), "leaving the page gives it back");

        assert_eq!(beat(), 200);
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{id}/check-in"), &[]).status(), 303);
        assert!(!list("?editing=1").contains("Hello from"), "freed by force");

        let archived = browser.post("/admin/s/1/entries/bulk", &[("ids", &id), ("do", "archive")]);
        assert_eq!(archived.status(), 303, "{}", archived.text().unwrap());
        assert!(list("?status=archived").contains("Hello from"));
    }
}
