//! What a program in a terminal may not do to the person's own browser: set the clipboard, the window's title, or
//! anything else that is not drawn (security rule E5). Strings that are no text (OSC, DCS, APC, PM, SOS) are left out,
//! and so are orders to the window (`CSI … t`) and questions whose answer would be typed into the shell.

/// A filter over the bytes of one terminal, in pieces as they come.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    at: At,
    /// A sequence whose kind is not known yet.
    held: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After `ESC [`.
    Control,
    /// Inside a string that is left out.
    String,
    /// After ESC inside such a string.
    StringEscape,
    /// After 0xC2: the other half of a C1 control in UTF-8.
    Half,
}

/// The longest control sequence; a longer one is left out.
const LONGEST: usize = 256;

impl Filter {
    /// What may be shown of these bytes.
    pub fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.step(*byte, &mut out);
        }
        out
    }

    fn step(&mut self, b: u8, out: &mut Vec<u8>) {
        match (self.at, b) {
            (At::Text, 0x1b) => self.hold(At::Escape, b),
            (At::Text, 0xc2) => self.hold(At::Half, b),
            (At::Text, _) => out.push(b),
            // C1 controls begin strings and sequences too; programs that mean well write them with ESC.
            (At::Half, 0x80..=0x9f) => self.c1(b),
            (At::Half, 0xa0..=0xbf) => self.let_go(b, out),
            // Half a letter is none: alone it could be completed by what comes later.
            (At::Half, _) => {
                self.leave_out(At::Text);
                self.step(b, out);
            }
            (At::Escape, b'[') => self.hold(At::Control, b),
            (At::Escape, b']' | b'P' | b'_' | b'^' | b'X') => self.leave_out(At::String),
            (At::Escape, 0x1b) => self.held = vec![b],
            // A terminal does these at once and goes on with the sequence; DEL it does not see.
            (At::Escape, 0x18 | 0x1a) => self.leave_out(At::Text),
            (At::Escape, 0x00..=0x1f) => out.push(b),
            (At::Escape, 0x7f) => {}
            // The answer of `ESC Z` would be typed into the shell.
            (At::Escape, b'Z') => self.leave_out(At::Text),
            (At::Escape, 0x80..) => {
                self.leave_out(At::Text);
                self.step(b, out);
            }
            (At::Escape, _) => self.let_go(b, out),
            (At::Control, 0x40..=0x7e) => self.control(b, out),
            (At::Control, 0x20..=0x3f) if self.held.len() < LONGEST => self.held.push(b),
            (At::Control, 0x1b) => {
                self.leave_out(At::Escape);
                self.held.push(b);
            }
            (At::Control, _) => self.leave_out(At::Text),
            (At::String, 0x07 | 0x18 | 0x1a) => self.at = At::Text,
            (At::String, 0x1b) => self.at = At::StringEscape,
            (At::String, _) => {}
            (At::StringEscape, b'\\') => self.at = At::Text,
            (At::StringEscape, 0x1b) => {}
            // An escape ends the string and begins its own sequence.
            (At::StringEscape, _) => {
                self.held = vec![0x1b];
                self.at = At::Escape;
                self.step(b, out);
            }
        }
    }

    fn hold(&mut self, at: At, b: u8) {
        self.at = at;
        self.held.push(b);
    }

    fn leave_out(&mut self, at: At) {
        self.at = at;
        self.held.clear();
    }

    fn let_go(&mut self, b: u8, out: &mut Vec<u8>) {
        self.at = At::Text;
        self.held.push(b);
        out.append(&mut self.held);
    }

    fn c1(&mut self, b: u8) {
        match b {
            0x90 | 0x98 | 0x9d | 0x9e | 0x9f => self.leave_out(At::String),
            _ => self.leave_out(At::Text),
        }
    }

    /// The last byte of a control sequence: orders to the window and requests for reports are left out.
    fn control(&mut self, b: u8, out: &mut Vec<u8>) {
        let reports = match b {
            b't' => true,
            // Device attributes, device status other than the cursor's place, terminal parameters.
            b'c' | b'x' => true,
            b'n' => !self.held.ends_with(b"[6"),
            b'p' => self.held.contains(&b'$'),
            b'q' => self.held.contains(&b'>'),
            _ => false,
        };
        if reports { self.leave_out(At::Text) } else { self.let_go(b, out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(text: &[u8]) -> String {
        String::from_utf8_lossy(&Filter::default().pass(text)).into_owned()
    }

    // rule: E5
    #[test]
    fn e05_clipboard_and_title_never_reach_the_browser() {
        for hostile in [
            "\u{1b}]52;c;aGVsbG8=\u{7}",
            "\u{1b}]52;c;aGVsbG8=\u{1b}\\",
            "\u{1b}]0;title\u{7}",
            "\u{1b}]2;title\u{1b}\\",
            "\u{9d}52;c;aGVsbG8=\u{7}",
            "\u{1b}]8;;https://evil.example\u{7}",
            "\u{1b}P$q\"p\u{1b}\\",
            "\u{1b}_Gf=100;AAAA\u{1b}\\",
            "\u{1b}^secret\u{1b}\\",
            "\u{1b}Xsecret\u{1b}\\",
            "\u{90}secret\u{1b}\\",
            "\u{1b}[21t",
            "\u{1b}[3;0;0t",
            "\u{1b}[c",
            "\u{1b}[>c",
            "\u{1b}[5n",
            "\u{1b}[?1$p",
            "\u{1b}[>q",
            "\u{1b}Z",
            "\u{1b}\u{7f}]52;c;aGVsbG8=\u{7}",
            "\u{1b}\u{7f}\u{7f}P$q\"p\u{1b}\\",
            "\u{1b}\u{7f}[21t",
        ] {
            let text = format!("a{hostile}b");
            assert_eq!(passed(text.as_bytes()), "ab", "{hostile:?}");
            // The same in pieces of one byte.
            let mut filter = Filter::default();
            let out: Vec<u8> = text.bytes().flat_map(|b| filter.pass(&[b])).collect();
            assert_eq!(out, b"ab", "{hostile:?}");
        }
    }

    #[test]
    fn what_is_drawn_passes_as_it_is() {
        for good in [
            "plain \u{e9}\u{1f40e} \u{a0}\u{ff}text\r\n\t\u{7}\u{8}",
            "\u{1b}[1;31mred\u{1b}[0m\u{1b}[2J\u{1b}[H\u{1b}[?25l\u{1b}[?1049h\u{1b}[6n\u{1b}(B\u{1b}7\u{1b}8\u{1b}=\u{1b}>\u{1b}c",
            "\u{1b}[38;2;1;2;3m\u{1b}[10;20r\u{1b}[?2004h\u{1b}[0 q",
        ] {
            assert_eq!(passed(good.as_bytes()), good, "{good:?}");
        }
        // A string that an escape ends: the escape's own sequence counts.
        assert_eq!(passed(b"\x1b]0;t\x1b[31mx"), "\x1b[31mx");
        assert_eq!(passed(b"\x1b\x1b]0;t\x07x"), "x");
        // What a terminal does in the midst of a sequence is done before it.
        assert_eq!(passed(b"a\x1b\0]52;c;aGk=\x07b"), "a\0b");
        assert_eq!(passed(b"a\x1b\n\0[21tb"), "a\n\0b");
        assert_eq!(passed(b"a\x1b\r(Bb"), "a\r\x1b(Bb");
        assert_eq!(passed(b"a\x1b\x18]b"), "a]b");
        let endless = passed(&[b"\x1b[".as_slice(), &[b'1'; 1000], b"mx"].concat());
        assert!(endless.starts_with('1') && endless.len() < 800, "what is too long is no sequence any more");
        assert_eq!(passed(&[0xc2]), "");
    }

    #[test]
    fn any_bytes_come_out_without_a_string_that_is_no_text() {
        let mut state = 1_u64;
        let mut bytes = Vec::new();
        for _ in 0..200_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.push(
                [0x1b, b']', b'[', b'P', 0x07, b'\\', 0xc2, 0x9d, b't', b'5', b';', b'a', 0x18, 0, 0x7f]
                    [(state >> 33) as usize % 15],
            );
        }
        let mut out = Filter::default().pass(&bytes);
        // As a terminal reads it: within a sequence these are done at once, or not seen.
        out.retain(|b| !matches!(b, 0x00..=0x17 | 0x19 | 0x1c..=0x1f | 0x7f));
        for pair in out.windows(2) {
            assert!(!(pair[0] == 0x1b && b"]P_^X".contains(&pair[1])) && pair != [0xc2, 0x9d], "{pair:?}");
        }
    }
}
