//! WordPress exports that tests write themselves, and a server that holds their files.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};

/// An export being written.
pub struct Export {
    head: String,
    items: String,
}

/// One item; what is empty is left out.
#[derive(Clone, Debug, Default)]
pub struct Item {
    pub id: i64,
    pub kind: &'static str,
    pub title: String,
    pub link: String,
    pub slug: String,
    pub status: &'static str,
    pub parent: i64,
    pub creator: &'static str,
    pub content: String,
    pub excerpt: String,
    pub date: String,
    pub password: &'static str,
    pub sticky: bool,
    pub order: i64,
    pub attachment: String,
    /// taxonomy, slug, name
    pub terms: Vec<(&'static str, String, String)>,
    pub meta: Vec<(&'static str, String)>,
    /// XML of comments: see [`comment`].
    pub comments: String,
}

pub fn comment(id: i64, parent: i64, author: &str, kind: &str, approved: &str, text: &str) -> String {
    format!(
        "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[{author}]]></wp:comment_author>\
         <wp:comment_author_email>{author}@example.net</wp:comment_author_email><wp:comment_author_url>https://{author}.example.net/\
         </wp:comment_author_url><wp:comment_date_gmt>2024-05-02 10:00:0{}</wp:comment_date_gmt><wp:comment_content><![CDATA[{text}]]>\
         </wp:comment_content><wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>\
         <wp:comment_parent>{parent}</wp:comment_parent></wp:comment>",
        id % 10
    )
}

impl Export {
    pub fn new(address: &str) -> Self {
        let head = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" \
             xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
             xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><title>Old site</title><link>{address}</link>\
             <wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>{address}</wp:base_site_url><wp:base_blog_url>{address}</wp:base_blog_url>\n"
        );
        Self { head, items: String::new() }
    }
    pub fn author(&mut self, id: i64, login: &str, email: &str, name: &str) {
        let _ = writeln!(
            self.head,
            "<wp:author><wp:author_id>{id}</wp:author_id><wp:author_login>{login}</wp:author_login><wp:author_email>{email}\
             </wp:author_email><wp:author_display_name><![CDATA[{name}]]></wp:author_display_name></wp:author>"
        );
    }
    pub fn category(&mut self, id: i64, slug: &str, parent: &str, name: &str) {
        let _ = writeln!(
            self.head,
            "<wp:category><wp:term_id>{id}</wp:term_id><wp:category_nicename>{slug}</wp:category_nicename><wp:category_parent>{parent}\
             </wp:category_parent><wp:cat_name><![CDATA[{name}]]></wp:cat_name></wp:category>"
        );
    }
    pub fn term(&mut self, id: i64, taxonomy: &str, slug: &str, name: &str) {
        let _ = writeln!(
            self.head,
            "<wp:term><wp:term_id>{id}</wp:term_id><wp:term_taxonomy>{taxonomy}</wp:term_taxonomy><wp:term_slug>{slug}</wp:term_slug>\
             <wp:term_name><![CDATA[{name}]]></wp:term_name></wp:term>"
        );
    }
    pub fn item(&mut self, i: &Item) {
        let date = if i.date.is_empty() { "2024-05-01 08:00:00" } else { &i.date };
        let _ = write!(
            self.items,
            "<item><title><![CDATA[{}]]></title><link>{}</link><dc:creator><![CDATA[{}]]></dc:creator><content:encoded><![CDATA[{}]]>\
             </content:encoded><excerpt:encoded><![CDATA[{}]]></excerpt:encoded><wp:post_id>{}</wp:post_id><wp:post_date_gmt>{date}\
             </wp:post_date_gmt><wp:comment_status>open</wp:comment_status><wp:post_name>{}</wp:post_name><wp:status>{}</wp:status>\
             <wp:post_parent>{}</wp:post_parent><wp:menu_order>{}</wp:menu_order><wp:post_type>{}</wp:post_type><wp:post_password>{}\
             </wp:post_password><wp:is_sticky>{}</wp:is_sticky>",
            i.title,
            i.link,
            i.creator,
            i.content,
            i.excerpt,
            i.id,
            i.slug,
            i.status,
            i.parent,
            i.order,
            i.kind,
            i.password,
            u8::from(i.sticky)
        );
        if !i.attachment.is_empty() {
            let _ = write!(self.items, "<wp:attachment_url>{}</wp:attachment_url>", i.attachment);
        }
        for (taxonomy, slug, name) in &i.terms {
            let _ =
                write!(self.items, "<category domain=\"{taxonomy}\" nicename=\"{slug}\"><![CDATA[{name}]]></category>");
        }
        for (name, value) in &i.meta {
            let _ = write!(
                self.items,
                "<wp:postmeta><wp:meta_key>{name}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
            );
        }
        self.items.push_str(&i.comments);
        self.items.push_str("</item>\n");
    }
    /// A line of a menu.
    pub fn menu_line(&mut self, id: i64, parent: i64, menu: &str, title: &str, to: (&str, &str, i64, &str)) {
        let (kind, object, target, url) = to;
        self.item(&Item {
            id,
            kind: "nav_menu_item",
            title: title.into(),
            status: "publish",
            order: id,
            terms: vec![("nav_menu", menu.into(), menu.into())],
            meta: vec![
                ("_menu_item_type", kind.into()),
                ("_menu_item_object", object.into()),
                ("_menu_item_object_id", target.to_string()),
                ("_menu_item_menu_item_parent", parent.to_string()),
                ("_menu_item_url", url.into()),
            ],
            ..Default::default()
        });
    }
    pub fn finish(&self) -> String {
        format!("{}{}</channel></rss>\n", self.head, self.items)
    }
    pub fn cut(&self) -> String {
        let whole = self.finish();
        whole[..whole.len() - 120].to_owned()
    }
}

/// A 1×1 picture.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa, 0x0, 0x0, 0x0, 0xd, 0x49, 0x48, 0x44, 0x52, 0x0, 0x0, 0x0, 0x1, 0x0,
    0x0, 0x0, 0x1, 0x8, 0x2, 0x0, 0x0, 0x0, 0x90, 0x77, 0x53, 0xde, 0x0, 0x0, 0x0, 0xc, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9c, 0x63, 0x10, 0x68, 0x48, 0x0, 0x0, 0x1, 0x94, 0x0, 0xf1, 0xd1, 0x11, 0xba, 0x47, 0x0, 0x0, 0x0, 0x0, 0x49,
    0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// Answers for files of the old site on a loopback port: pictures for `.png`, PDFs for `.pdf`, otherwise 404.
pub fn file_server() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut buffer = [0; 4096];
            let n = stream.read(&mut buffer).unwrap_or(0);
            let request = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let body = match path.rsplit('.').next() {
                Some("png") => PNG.to_vec(),
                Some("pdf") => format!("%PDF-1.4\n% {path}\n%%EOF\n").into_bytes(),
                _ => Vec::new(),
            };
            let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    port
}
