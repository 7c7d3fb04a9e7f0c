//! What people type into their programs.

use std::net::SocketAddr;

use serde::Serialize;

use crate::panel::ctx::Ctx;

/// One way to the files.
#[derive(Serialize)]
pub(super) struct AddressView {
    label: &'static str,
    /// For copying.
    address: String,
    /// Which programs take it, and how.
    help: &'static str,
}

/// The host that people reach the panel by: the doors stand on the same machine.
fn host(ctx: &Ctx) -> String {
    let rest = ctx.app.panel.url.split_once("://").map_or("localhost", |(_, rest)| rest);
    rest.rsplit_once(':').map_or(rest, |(host, _)| host).to_owned()
}

fn at(host: &str, address: SocketAddr, usual: u16) -> String {
    if address.port() == usual { host.to_owned() } else { format!("{host}:{}", address.port()) }
}

/// Addresses of the doors that are open, for a login where one is meant.
pub(super) fn addresses(ctx: &Ctx, name: Option<&str>) -> Vec<AddressView> {
    let (doors, host) = (&ctx.app.file_doors, host(ctx));
    let user = name.map_or_else(String::new, |name| format!("{}@", name.replace('@', "%40")));
    let mut all = Vec::new();
    if let Some(address) = doors.sftp {
        all.push(AddressView {
            label: "SFTP",
            address: format!("sftp://{user}{}", at(&host, address, 22)),
            help: "FileZilla and Cyberduck take the whole line; sftp and WinSCP want host and port apart.",
        });
    }
    if let Some(address) = doors.webdav {
        all.push(AddressView {
            label: "WebDAV",
            address: format!("http://{}/", at(&host, address, 80)),
            help: "Finder: Go, Connect to Server. Windows: Map network drive. rclone: type webdav, vendor owncloud.",
        });
    }
    if let Some(address) = doors.ftp {
        all.push(AddressView {
            label: "FTP with TLS",
            address: format!("ftp://{}", at(&host, address, 21)),
            help: "Choose “explicit FTP over TLS”.",
        });
    }
    all
}
