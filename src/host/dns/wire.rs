//! One question on the network: by datagram, twice at most, and by stream where the answer is long.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use freehold_base::Clock;

use super::Silence;
use super::message::{Answer, DATAGRAM, Kind, Question, Read, question, read};

/// Datagrams sent before giving up.
const TRIES: usize = 2;
/// Datagrams that are no answer to us and are passed over, in one try.
const FOREIGN: usize = 16;

/// Asks `server`.
pub fn ask(server: SocketAddr, name: &str, kind: Kind, recursive: bool, patience: Duration) -> Result<Answer, Silence> {
    let mut why = Silence::TimedOut;
    for _ in 0..TRIES {
        // A new number for each try: an answer to the first that comes late is not taken for the second.
        let asked = question(name, kind, recursive).ok_or_else(|| Silence::Refused("no such name".into()))?;
        match by_datagram(server, &asked, patience)? {
            Some(Read::Answer(answer)) => return Ok(answer),
            Some(Read::Truncated) => return by_stream(server, &asked, patience),
            Some(Read::Refused(words)) => return Err(Silence::Refused(words)),
            Some(Read::Foreign) => why = Silence::Refused("its answer cannot be read".into()),
            None => why = Silence::TimedOut,
        }
    }
    Err(why)
}

fn unreachable<E>(_: E) -> Silence {
    Silence::Unreachable
}

/// `None` where nothing came in time.
fn by_datagram(server: SocketAddr, asked: &Question, patience: Duration) -> Result<Option<Read>, Silence> {
    let from: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(from).map_err(unreachable)?;
    // Connected: the kernel passes on what comes from this server alone.
    socket.connect(server).map_err(unreachable)?;
    socket.send(&asked.bytes).map_err(unreachable)?;
    let (begun, mut buffer) = (Clock::instant(), [0; DATAGRAM as usize]);
    for _ in 0..FOREIGN {
        let Some(left) = patience.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) else { return Ok(None) };
        socket.set_read_timeout(Some(left)).map_err(unreachable)?;
        match socket.recv(&mut buffer) {
            Ok(length) => match read(asked, buffer.get(..length).unwrap_or_default()) {
                Read::Foreign => {}
                known => return Ok(Some(known)),
            },
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
            Err(e) => return Err(unreachable(e)),
        }
    }
    Ok(Some(Read::Foreign))
}

/// The same question by stream; at most 64 kB come back.
fn by_stream(server: SocketAddr, asked: &Question, patience: Duration) -> Result<Answer, Silence> {
    let timed = |e: std::io::Error| match e.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Silence::TimedOut,
        _ => Silence::Unreachable,
    };
    let mut stream = TcpStream::connect_timeout(&server, patience).map_err(timed)?;
    stream.set_read_timeout(Some(patience)).map_err(unreachable)?;
    stream.set_write_timeout(Some(patience)).map_err(unreachable)?;
    let length = u16::try_from(asked.bytes.len()).map_err(unreachable)?;
    let framed = [&length.to_be_bytes()[..], &asked.bytes].concat();
    stream.write_all(&framed).map_err(timed)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length).map_err(timed)?;
    let (begun, mut bytes) = (Clock::instant(), Vec::new());
    let wanted = usize::from(u16::from_be_bytes(length));
    let mut part = [0; 4096];
    while bytes.len() < wanted {
        // Each read waits by itself; all of them together no longer than a few times that.
        if begun.elapsed() > patience * 3 {
            return Err(Silence::TimedOut);
        }
        match stream.read(&mut part).map_err(timed)? {
            0 => return Err(Silence::Unreachable),
            read => bytes.extend_from_slice(part.get(..read).unwrap_or_default()),
        }
    }
    bytes.truncate(wanted);
    match read(asked, &bytes) {
        Read::Answer(answer) => Ok(answer),
        Read::Refused(words) => Err(Silence::Refused(words)),
        Read::Truncated | Read::Foreign => Err(Silence::Refused("its answer cannot be read".into())),
    }
}
