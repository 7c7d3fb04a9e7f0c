//! A device that keeps a passkey, in software: it signs what it is told, right or wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The device. What it says of itself can be bent.
pub struct SoftKey {
    secret: SigningKey,
    id: Vec<u8>,
    handle: Vec<u8>,
    /// Rises with each use.
    pub counter: u32,
    /// Where the browser says it is.
    pub origin: String,
    /// The name that the device signs for.
    pub name: String,
    /// Whether it asked for finger, face or PIN.
    pub verified: bool,
}

fn text<'a>(options: &'a Value, pointer: &str) -> &'a str {
    options.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {options}"))
}

impl SoftKey {
    /// Makes a key as the options of the server want it, and the answer that brings it there.
    pub fn make(options: &Value, origin: &str) -> (Self, String) {
        let handle = BASE64.decode(text(options, "/publicKey/user/id")).unwrap();
        let key = Self {
            secret: SigningKey::from_slice(&freehold_base::secret::random::<32>().unwrap()).unwrap(),
            id: freehold_base::secret::random::<32>().unwrap().to_vec(),
            handle,
            counter: 1,
            origin: origin.to_owned(),
            name: text(options, "/publicKey/rp/id").to_owned(),
            verified: true,
        };
        let answer = key.introduce(options);
        (key, answer)
    }

    fn introduce(&self, options: &Value) -> String {
        let client = self.client_data("webauthn.create", text(options, "/publicKey/challenge"));
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = self.secret.verifying_key().to_sec1_point(false);
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point.as_bytes()[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point.as_bytes()[33..65]);
        let mut object = vec![0xa3];
        object.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        json!({
            "id": BASE64.encode(&self.id), "rawId": BASE64.encode(&self.id), "type": "public-key",
            "response": { "attestationObject": BASE64.encode(object), "clientDataJSON": BASE64.encode(client) },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// The answer to a challenge.
    pub fn answer(&mut self, options: &Value) -> String {
        self.counter += 1;
        let client = self.client_data("webauthn.get", text(options, "/publicKey/challenge"));
        let data = self.data(0);
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature: Signature = self.secret.sign(&signed);
        json!({
            "id": BASE64.encode(&self.id), "rawId": BASE64.encode(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": BASE64.encode(data), "clientDataJSON": BASE64.encode(client),
                "signature": BASE64.encode(signature.to_der().as_bytes()), "userHandle": BASE64.encode(&self.handle),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// Says from now on that it is this one's key.
    pub fn pretend(&mut self, other: &SoftKey) {
        self.handle.clone_from(&other.handle);
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(&self.name).to_vec();
        data.push(flags | 0x01 | if self.verified { 0x04 } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }
}
