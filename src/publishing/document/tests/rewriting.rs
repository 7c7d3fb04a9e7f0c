use super::super::{Document, Kind};
use super::doc;

#[test]
fn saving_cleans_html_and_decides_who_may_keep_it_raw() {
    let json = r#"{"type":"html","attrs":{"source":"<i onload=x>a</i>","raw":true}}"#;
    let mut of_author = doc(json);
    of_author.clean(false).unwrap();
    assert_eq!(of_author.content[0].kind, Kind::Html { source: "<i>a</i>".into(), raw: false });
    let mut of_admin = doc(json);
    of_admin.clean(true).unwrap();
    assert_eq!(of_admin.content[0].kind, Kind::Html { source: "<i onload=x>a</i>".into(), raw: true });
}

#[test]
fn an_import_gives_media_and_links_their_new_addresses() {
    let mut document = Document::from_wordpress(
        "[gallery ids=\"3,4\"]\n\n<a href=\"https://old/x\"><img class=\"wp-image-3\" src=\"https://old/a.jpg\"></a> text",
    );
    document.map_media(&mut |id, src| (id == Some(3)).then(|| (Some(100), format!("/media/abcdefgh/{}", src.len()))));
    document.map_links(&mut |href| href.strip_prefix("https://old").map(str::to_owned));
    assert_eq!(document.media_ids(), [100, 4]);
    assert_eq!(document.links(), ["/x"]);
}
