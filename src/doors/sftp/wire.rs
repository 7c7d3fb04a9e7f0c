//! SFTP version 3 as it is on the wire (draft-ietf-secsh-filexfer-02) with the extensions that OpenSSH speaks. Names
//! are bytes: what is not UTF-8 comes and goes as it is.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use freehold_host::account_dir::{Kind, Metadata};

/// Largest packet that is taken, without its length: 256 KiB of data and its head.
pub const PACKET_MAX: usize = (256 << 10) + 1024;
/// Most bytes of one read or write, as `limits@openssh.com` tells.
pub const DATA_MAX: usize = 255 << 10;
/// Most open handles of a session.
pub const HANDLES_MAX: usize = 256;

/// Flags of [`Request::Open`].
pub mod flags {
    /// Open for writing.
    pub const WRITE: u32 = 0x02;
    /// Every write goes to the end.
    pub const APPEND: u32 = 0x04;
    /// Made where it is missing.
    pub const CREATE: u32 = 0x08;
    /// Begins empty.
    pub const TRUNCATE: u32 = 0x10;
    /// Must be missing.
    pub const EXCLUSIVE: u32 = 0x20;
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// Nothing more.
    Eof = 1,
    /// There is no such thing.
    NoSuchFile = 2,
    /// Not allowed.
    PermissionDenied = 3,
    /// Something else, in words.
    Failure = 4,
    /// Not to be understood.
    BadMessage = 5,
    /// The session is over.
    ConnectionLost = 7,
    /// Not spoken here.
    Unsupported = 8,
}

/// What a client says about a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Length.
    pub size: Option<u64>,
    /// Permissions with kind.
    pub permissions: Option<u32>,
    /// Seconds since 1970 of the last write.
    pub modified: Option<u32>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The first packet.
    Init,
    /// Open a file: path, flags, attributes of a new one.
    Open(Bytes, u32, Attributes),
    /// Close a handle.
    Close(Bytes),
    /// Read: handle, offset, length.
    Read(Bytes, u64, u32),
    /// Write: handle, offset, data.
    Write(Bytes, u64, Bytes),
    /// Look at a name, links as links.
    LStat(Bytes),
    /// Look at a handle.
    FStat(Bytes),
    /// Change what is known of a name.
    SetStat(Bytes, Attributes),
    /// Change what is known of a handle.
    FSetStat(Bytes, Attributes),
    /// Open a folder.
    OpenDir(Bytes),
    /// The next names of a folder.
    ReadDir(Bytes),
    /// Delete a file.
    Remove(Bytes),
    /// Make a folder.
    MakeDir(Bytes),
    /// Delete an empty folder.
    RemoveDir(Bytes),
    /// The whole path of a path.
    RealPath(Bytes),
    /// Look at a name through links.
    Stat(Bytes),
    /// Move, never over anything.
    Rename(Bytes, Bytes),
    /// `posix-rename@openssh.com`: move, over a file too.
    PosixRename(Bytes, Bytes),
    /// `statvfs@openssh.com`
    StatVfs(Bytes),
    /// `fstatvfs@openssh.com`
    FStatVfs(Bytes),
    /// `fsync@openssh.com`
    FSync(Bytes),
    /// `limits@openssh.com`
    Limits,
    /// Links: read or made. Refused.
    Link,
    /// An extension that is not spoken.
    Unknown,
}

/// A request with its id; what of it could not be read is an answer of its own.
pub type Packet = (u32, Result<Request, Malformed>);

/// A whole packet taken from the front of what came, if there is one: its request id and request.
///
/// # Errors
/// [`Malformed`] where the stream cannot be understood any more.
pub fn take(stream: &mut BytesMut) -> Result<Option<Packet>, Malformed> {
    let Some(head) = stream.get(..4) else { return Ok(None) };
    let length = head.iter().fold(0usize, |n, b| (n << 8) | usize::from(*b));
    if length == 0 || length > PACKET_MAX {
        return Err(Malformed);
    }
    if stream.len() < 4 + length {
        stream.reserve(4 + length - stream.len());
        return Ok(None);
    }
    stream.advance(4);
    let mut packet = Reader(stream.split_to(length).freeze());
    let kind = packet.byte()?;
    if kind == 1 {
        return Ok(Some((0, Ok(Request::Init))));
    }
    let id = packet.u32()?;
    Ok(Some((id, read(kind, &mut packet))))
}

/// A packet that breaks the rules of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

fn read(kind: u8, p: &mut Reader) -> Result<Request, Malformed> {
    Ok(match kind {
        3 => Request::Open(p.string()?, p.u32()?, p.attributes()?),
        4 => Request::Close(p.string()?),
        5 => Request::Read(p.string()?, p.u64()?, p.u32()?),
        6 => Request::Write(p.string()?, p.u64()?, p.string()?),
        7 => Request::LStat(p.string()?),
        8 => Request::FStat(p.string()?),
        9 => Request::SetStat(p.string()?, p.attributes()?),
        10 => Request::FSetStat(p.string()?, p.attributes()?),
        11 => Request::OpenDir(p.string()?),
        12 => Request::ReadDir(p.string()?),
        13 => Request::Remove(p.string()?),
        14 => Request::MakeDir(p.string()?),
        15 => Request::RemoveDir(p.string()?),
        16 => Request::RealPath(p.string()?),
        17 => Request::Stat(p.string()?),
        18 => Request::Rename(p.string()?, p.string()?),
        19 | 20 => Request::Link,
        200 => match &p.string()?[..] {
            b"posix-rename@openssh.com" => Request::PosixRename(p.string()?, p.string()?),
            b"statvfs@openssh.com" => Request::StatVfs(p.string()?),
            b"fstatvfs@openssh.com" => Request::FStatVfs(p.string()?),
            b"fsync@openssh.com" => Request::FSync(p.string()?),
            b"lsetstat@openssh.com" => Request::SetStat(p.string()?, p.attributes()?),
            b"limits@openssh.com" => Request::Limits,
            b"hardlink@openssh.com" => Request::Link,
            _ => Request::Unknown,
        },
        _ => return Err(Malformed),
    })
}

struct Reader(Bytes);

impl Reader {
    fn byte(&mut self) -> Result<u8, Malformed> {
        self.0.try_get_u8().map_err(|_| Malformed)
    }
    fn u32(&mut self) -> Result<u32, Malformed> {
        self.0.try_get_u32().map_err(|_| Malformed)
    }
    fn u64(&mut self) -> Result<u64, Malformed> {
        self.0.try_get_u64().map_err(|_| Malformed)
    }
    fn string(&mut self) -> Result<Bytes, Malformed> {
        let length = self.u32()? as usize;
        if length > self.0.len() {
            return Err(Malformed);
        }
        Ok(self.0.split_to(length))
    }
    fn attributes(&mut self) -> Result<Attributes, Malformed> {
        let known = self.u32()?;
        let mut attributes = Attributes::default();
        if known & 0x1 != 0 {
            attributes.size = Some(self.u64()?);
        }
        if known & 0x2 != 0 {
            // Owner and group: everything here belongs to the account.
            self.u64()?;
        }
        if known & 0x4 != 0 {
            attributes.permissions = Some(self.u32()?);
        }
        if known & 0x8 != 0 {
            self.u32()?;
            attributes.modified = Some(self.u32()?);
        }
        if known & 0x8000_0000 != 0 {
            for _ in 0..self.u32()?.min(64) {
                self.string()?;
                self.string()?;
            }
        }
        Ok(attributes)
    }
}

/// Replies, one behind the other.
#[derive(Debug, Default)]
pub struct Replies(BytesMut);

impl Replies {
    /// All of them, as they go out.
    pub fn take(&mut self) -> Bytes {
        self.0.split().freeze()
    }

    /// One packet: its length is written when its end is known.
    fn packet(&mut self, kind: u8, id: u32, body: impl FnOnce(&mut BytesMut)) {
        let at = self.0.len();
        self.0.put_u32(0);
        self.0.put_u8(kind);
        self.0.put_u32(id);
        body(&mut self.0);
        self.close(at);
    }

    fn close(&mut self, at: usize) {
        let length = u32::try_from(self.0.len() - at - 4).unwrap_or(0).to_be_bytes();
        if let Some(head) = self.0.get_mut(at..at + 4) {
            head.copy_from_slice(&length);
        }
    }

    /// The answer to the first packet: the version and what is spoken beyond it.
    pub fn version(&mut self) {
        let extensions = [
            ("posix-rename@openssh.com", "1"),
            ("statvfs@openssh.com", "2"),
            ("fstatvfs@openssh.com", "2"),
            ("fsync@openssh.com", "1"),
            ("lsetstat@openssh.com", "1"),
            ("limits@openssh.com", "1"),
        ];
        let at = self.0.len();
        self.0.put_u32(0);
        self.0.put_u8(2);
        self.0.put_u32(3);
        for (name, version) in extensions {
            string(&mut self.0, name.as_bytes());
            string(&mut self.0, version.as_bytes());
        }
        self.close(at);
    }

    /// What came of a request, in words too.
    pub fn status(&mut self, id: u32, status: Status, words: &str) {
        self.packet(101, id, |out| {
            out.put_u32(status as u32);
            string(out, words.as_bytes());
            string(out, b"en");
        });
    }

    /// A handle.
    pub fn handle(&mut self, id: u32, handle: u32) {
        self.packet(102, id, |out| string(out, &handle.to_be_bytes()));
    }

    /// Up to `most` bytes that `fill` puts at their place: how many there were. Nothing is sent where there are none.
    ///
    /// # Errors
    /// What `fill` says; nothing is sent then.
    pub fn data<E>(
        &mut self,
        id: u32,
        most: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let at = self.0.len();
        self.0.put_u32(0);
        self.0.put_u8(103);
        self.0.put_u32(id);
        self.0.put_u32(0);
        let begins = self.0.len();
        self.0.resize(begins + most, 0);
        let filled = match self.0.get_mut(begins..) {
            Some(place) => fill(place),
            None => Ok(0),
        };
        let n = match filled {
            Ok(n) if n > 0 => n,
            other => {
                self.0.truncate(at);
                return other;
            }
        };
        self.0.truncate(begins + n);
        let length = u32::try_from(n).unwrap_or(0).to_be_bytes();
        if let Some(place) = self.0.get_mut(begins - 4..begins) {
            place.copy_from_slice(&length);
        }
        self.close(at);
        Ok(n)
    }

    /// Names with what is known of them: bytes, the line of `ls -l`, attributes.
    pub fn names<'a>(&mut self, id: u32, names: impl ExactSizeIterator<Item = (&'a [u8], String, Option<Metadata>)>) {
        self.packet(104, id, |out| {
            out.put_u32(u32::try_from(names.len()).unwrap_or(0));
            for (name, line, metadata) in names {
                string(out, name);
                string(out, line.as_bytes());
                match metadata {
                    Some(metadata) => attributes(out, &metadata),
                    None => out.put_u32(0),
                }
            }
        });
    }

    /// What is known of one thing.
    pub fn attributes(&mut self, id: u32, metadata: &Metadata) {
        self.packet(105, id, |out| attributes(out, metadata));
    }

    /// Numbers, as an extension has them.
    pub fn numbers(&mut self, id: u32, numbers: &[u64]) {
        self.packet(201, id, |out| numbers.iter().for_each(|n| out.put_u64(*n)));
    }
}

fn string(out: &mut BytesMut, bytes: &[u8]) {
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(0));
    out.put_slice(bytes);
}

/// Permission bits with the kind before them.
pub fn mode_of(metadata: &Metadata) -> u32 {
    let kind = match metadata.kind {
        Kind::Folder => 0o040_000,
        Kind::File => 0o100_000,
        Kind::Link => 0o120_000,
        Kind::Other => 0o010_000,
    };
    kind | u32::from(metadata.mode)
}

fn attributes(out: &mut BytesMut, metadata: &Metadata) {
    let modified = u32::try_from((metadata.modified.ms() / 1000).max(0)).unwrap_or(u32::MAX);
    out.put_u32(0x1 | 0x4 | 0x8);
    out.put_u64(metadata.bytes);
    out.put_u32(mode_of(metadata));
    out.put_u32(modified);
    out.put_u32(modified);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(kind: u8, id: u32, body: &[u8]) -> BytesMut {
        let mut out = BytesMut::new();
        out.put_u32(5 + body.len() as u32);
        out.put_u8(kind);
        out.put_u32(id);
        out.put_slice(body);
        out
    }

    #[test]
    fn a_packet_is_read_when_it_is_whole_and_the_next_stays() {
        let mut body = BytesMut::new();
        string(&mut body, b"/docs/\xff");
        let whole = packet(17, 7, &body);
        let mut stream = BytesMut::from(&whole[..10]);
        assert_eq!(take(&mut stream), Ok(None));
        stream.extend_from_slice(&whole[10..]);
        stream.extend_from_slice(b"next");
        let (id, request) = take(&mut stream).unwrap().unwrap();
        assert_eq!((id, request), (7, Ok(Request::Stat(Bytes::from_static(b"/docs/\xff")))));
        assert_eq!(&stream[..], b"next");
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        assert_eq!(take(&mut BytesMut::from(&[0xff, 0xff, 0xff, 0xff, 1][..])), Err(Malformed));
        assert_eq!(take(&mut BytesMut::from(&[0, 0, 0, 0][..])), Err(Malformed));
        let lies = packet(17, 1, &[0, 0, 0, 9, b'a']);
        assert_eq!(take(&mut lies.clone()), Ok(Some((1, Err(Malformed)))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut stream = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = take(&mut stream) {}
        }
    }

    #[test]
    fn data_goes_out_with_its_length() {
        let mut replies = Replies::default();
        let n = replies.data::<()>(3, 100, |place| {
            place[..5].copy_from_slice(b"bread");
            Ok(5)
        });
        assert_eq!(n, Ok(5));
        assert_eq!(&replies.take()[..], b"\0\0\0\x0e\x67\0\0\0\x03\0\0\0\x05bread");
        assert_eq!(replies.data::<()>(3, 100, |_| Ok(0)), Ok(0));
        assert!(replies.take().is_empty(), "the end of a file is a status, not data");
    }
}
