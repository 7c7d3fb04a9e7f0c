//! Comma-separated values (RFC 4180), as tables on people's desks write and read them: also with semicolons.

/// Lines with their numbers from 1 and their fields; empty lines are left out.
pub fn read(text: &str) -> Vec<(usize, Vec<String>)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let comma = separator(text);
    let mut lines = Vec::new();
    let (mut fields, mut field, mut quoted, mut number, mut began) = (Vec::new(), String::new(), false, 1, 1);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => field.extend(signs.next()),
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            '\r' if !quoted && signs.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                fields.push(std::mem::take(&mut field));
                keep(&mut lines, began, std::mem::take(&mut fields));
                number += 1;
                began = number;
            }
            sign if sign == comma && !quoted => fields.push(std::mem::take(&mut field)),
            sign => {
                number += usize::from(sign == '\n');
                field.push(sign);
            }
        }
    }
    fields.push(field);
    keep(&mut lines, began, fields);
    lines
}

fn keep(lines: &mut Vec<(usize, Vec<String>)>, number: usize, fields: Vec<String>) {
    if fields.iter().any(|field| !field.trim().is_empty()) {
        lines.push((number, fields));
    }
}

/// What stands between the fields: the sign that the first line has more of.
fn separator(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    let count = |sign| first.matches(sign).count();
    [';', '\t'].into_iter().filter(|sign| count(*sign) > count(',')).max_by_key(|sign| count(*sign)).unwrap_or(',')
}

/// Adds a line.
pub fn write(out: &mut String, fields: &[&str]) {
    for (n, field) in fields.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        if field.contains(['"', ',', ';', '\n', '\r', '\t']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_tables_write_them() {
        let read = |text: &str| read(text).into_iter().map(|(n, f)| format!("{n}:{}", f.join("|"))).collect::<Vec<_>>();
        assert_eq!(read("a,b\r\n\r\n\"c, d\",\"e \"\"f\"\"\"\n"), ["1:a|b", "3:c, d|e \"f\""]);
        assert_eq!(read("\u{feff}a;b\nc;d"), ["1:a|b", "2:c|d"]);
        assert_eq!(read("\"two\nlines\",x\ny,z"), ["1:two\nlines|x", "3:y|z"]);
        assert_eq!(read(""), Vec::<String>::new());
        let mut out = String::new();
        write(&mut out, &["/a", "b,c", "d\"e"]);
        assert_eq!(out, "/a,\"b,c\",\"d\"\"e\"\n");
        assert_eq!(read(&out), ["1:/a|b,c|d\"e"]);
    }
}
