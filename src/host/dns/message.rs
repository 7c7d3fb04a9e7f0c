//! Questions and answers as bytes. What comes from outside is bounded: 64 records, texts of 1,024 characters.

use std::net::IpAddr;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record as Row, RecordType};

/// Records of one section that are looked at.
const MOST: usize = 64;
/// Characters of one record that are kept.
const LONGEST: usize = 1024;
/// Bytes of an answer by datagram (RFC 9715: what passes without fragments).
pub const DATAGRAM: u16 = 1232;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Another name.
    Cname,
    /// Name servers.
    Ns,
    /// Mail servers.
    Mx,
    /// Text.
    Txt,
    /// Who may issue certificates.
    Caa,
}

impl Kind {
    /// As zones write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Ns => "NS",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Caa => "CAA",
        }
    }

    const fn record_type(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Cname => RecordType::CNAME,
            Self::Ns => RecordType::NS,
            Self::Mx => RecordType::MX,
            Self::Txt => RecordType::TXT,
            Self::Caa => RecordType::CAA,
        }
    }
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose, lower case, without the last dot.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its value as zones write it: names without the last dot, texts as one piece.
    pub value: String,
    /// Seconds for which it may still be kept.
    pub ttl: u32,
}

impl Record {
    /// Its address, where it is one.
    pub fn address(&self) -> Option<IpAddr> {
        if matches!(self.kind, Kind::A | Kind::Aaaa) { self.value.parse().ok() } else { None }
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// False: the name does not exist.
    pub exists: bool,
    /// The server is one of the zone's own.
    pub authoritative: bool,
    /// What was asked for, and the aliases on the way to it.
    pub records: Vec<Record>,
    /// Name servers of the zone below, where the server passes the question on.
    pub referral: Vec<Record>,
    /// Addresses of these.
    pub glue: Vec<Record>,
}

impl Answer {
    /// Values of one kind.
    pub fn values(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.records.iter().filter(move |r| r.kind == kind).map(|r| r.value.as_str())
    }
    /// The addresses in it.
    pub fn addresses(&self) -> Vec<IpAddr> {
        self.records.iter().filter_map(Record::address).collect()
    }
    /// The shortest time for which what it says may be kept.
    pub fn ttl(&self) -> u32 {
        self.records.iter().map(|r| r.ttl).min().unwrap_or(0)
    }
}

/// A question that was sent.
pub struct Question {
    /// Its bytes.
    pub bytes: Vec<u8>,
    id: u16,
    query: Query,
}

/// Writes a question; `None` where the name is none.
pub fn question(name: &str, kind: Kind, recursive: bool) -> Option<Question> {
    let mut name = Name::from_ascii(name.trim_end_matches('.')).ok()?;
    name.set_fqdn(true);
    let query = Query::query(name, kind.record_type());
    let mut message = Message::query();
    message.metadata.recursion_desired = recursive;
    message.add_query(query.clone());
    let mut edns = Edns::new();
    edns.set_max_payload(DATAGRAM);
    message.set_edns(edns);
    let bytes = message.to_vec().ok()?;
    Some(Question { bytes, id: message.metadata.id, query })
}

/// What came back.
pub enum Read {
    /// An answer.
    Answer(Answer),
    /// Too long for a datagram: ask again by stream.
    Truncated,
    /// The server will not or cannot say: why.
    Refused(String),
    /// Not an answer to this question.
    Foreign,
}

/// Reads what came back for a question.
pub fn read(question: &Question, bytes: &[u8]) -> Read {
    let Ok(message) = Message::from_vec(bytes) else { return Read::Foreign };
    let head = &message.metadata;
    let echoed = message.queries.first().is_none_or(|q| {
        q.query_type() == question.query.query_type() && q.name().eq_ignore_root_case(question.query.name())
    });
    if head.id != question.id || head.message_type != MessageType::Response || head.op_code != OpCode::Query || !echoed
    {
        return Read::Foreign;
    }
    if head.truncation {
        return Read::Truncated;
    }
    match head.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => Read::Answer(Answer {
            exists: head.response_code == ResponseCode::NoError,
            authoritative: head.authoritative,
            records: records(&message.answers),
            referral: records(&message.authorities).into_iter().filter(|r| r.kind == Kind::Ns).collect(),
            glue: records(&message.additionals),
        }),
        other => Read::Refused(other.to_string()),
    }
}

fn records(rows: &[Row]) -> Vec<Record> {
    rows.iter().take(MOST).filter_map(record).collect()
}

fn record(row: &Row) -> Option<Record> {
    let (kind, value) = match &row.data {
        RData::A(ip) => (Kind::A, ip.to_string()),
        RData::AAAA(ip) => (Kind::Aaaa, ip.to_string()),
        RData::CNAME(name) => (Kind::Cname, plain(&name.0)),
        RData::NS(name) => (Kind::Ns, plain(&name.0)),
        RData::MX(mx) => (Kind::Mx, format!("{} {}", mx.preference, plain(&mx.exchange))),
        RData::TXT(txt) => (Kind::Txt, txt.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect()),
        RData::CAA(caa) => (Kind::Caa, caa.to_string()),
        _ => return None,
    };
    let shown = value.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    Some(Record { name: plain(&row.name), kind, value: shown, ttl: row.ttl })
}

fn plain(name: &Name) -> String {
    name.to_lowercase().to_ascii().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_proto::rr::rdata::A;

    use super::*;

    fn answered(question: &Question, change: impl FnOnce(&mut Message)) -> Vec<u8> {
        let mut message = Message::from_vec(&question.bytes).unwrap().into_response();
        let data = RData::A(A(Ipv4Addr::new(203, 0, 113, 10)));
        message.add_answer(Row::from_rdata(question.query.name().clone(), 660, data));
        change(&mut message);
        message.to_vec().unwrap()
    }

    #[test]
    fn only_the_answer_to_the_question_is_taken() {
        let asked = question("Harbour.blog.", Kind::A, true).unwrap();
        let Read::Answer(answer) = read(&asked, &answered(&asked, |_| {})) else { panic!("an answer") };
        assert_eq!(
            (answer.addresses(), answer.ttl(), answer.exists),
            (vec!["203.0.113.10".parse().unwrap()], 660, true)
        );
        let other = question("pine.blog", Kind::A, true).unwrap();
        for foreign in [
            answered(&asked, |m| m.metadata.id ^= 1),
            answered(&asked, |m| m.metadata.message_type = MessageType::Query),
            answered(&asked, |m| m.queries = vec![other.query.clone()]),
            b"nonsense".to_vec(),
            Vec::new(),
        ] {
            assert!(matches!(read(&asked, &foreign), Read::Foreign));
        }
        assert!(matches!(read(&asked, &answered(&asked, |m| m.metadata.truncation = true)), Read::Truncated));
        let refused = answered(&asked, |m| m.metadata.response_code = ResponseCode::Refused);
        assert!(matches!(read(&asked, &refused), Read::Refused(_)));
    }

    #[test]
    fn an_answer_cut_anywhere_is_no_answer_and_no_panic() {
        let asked = question("harbour.blog", Kind::A, true).unwrap();
        let whole = answered(&asked, |_| {});
        for length in 0..whole.len() {
            read(&asked, &whole[..length]);
        }
        for place in 0..whole.len() {
            let mut bent = whole.clone();
            bent[place] ^= 0xff;
            read(&asked, &bent);
        }
    }

    #[test]
    fn a_name_that_is_none_is_not_asked_for() {
        assert!(question(&"a".repeat(64), Kind::A, true).is_none());
        assert!(question("_freehold-challenge.harbour.blog", Kind::Txt, true).is_some());
    }
}
