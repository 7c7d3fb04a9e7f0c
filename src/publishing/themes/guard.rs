//! The render guard (security rule D2): what one rendering may use, counted by calls that [`super::instrument`] put
//! into the templates.
//!
//! The budget lives in the thread that renders. Memory is counted, not measured: every value that a template stores
//! or prints adds its size, so that the sum is never below what is alive.

use std::cell::RefCell;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use freehold_base::Clock;
use tera::value::ValueKind;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

/// The first words of every error with which the guard stops a rendering.
pub const STOPPED: &str = "The rendering was stopped";

/// Largest value a template may store or hand on, in bytes, everything inside it counted.
pub(crate) const MAX_VALUE_BYTES: usize = 1 << 20;
/// Largest value a template may print at once.
const MAX_PRINTED_BYTES: usize = 8 << 20;
/// How deep calls may nest, in bytes of stack; worker threads have 2 MiB.
const MAX_STACK_BYTES: usize = 640 << 10;
/// What an element of a list or map weighs beside its content.
const ELEMENT_BYTES: usize = 16;

/// What one rendering may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time until it is stopped.
    pub deadline: Duration,
    /// Bytes of values and text it may make.
    pub memory_bytes: usize,
    /// Bytes of its page.
    pub output_bytes: usize,
}

impl Default for Limits {
    /// 250 ms, 64 MiB, 8 MiB (security rule D2).
    fn default() -> Self {
        Self { deadline: Duration::from_millis(250), memory_bytes: 64 << 20, output_bytes: 8 << 20 }
    }
}

struct Budget {
    /// Where the maps stand that live as long as the rendering: handing them on takes no memory.
    lasting: Vec<usize>,
    ends: Instant,
    bytes_left: usize,
    stack_base: usize,
    ticks: u32,
}

thread_local! {
    static BUDGET: RefCell<Option<Budget>> = const { RefCell::new(None) };
}

/// Where a map stands in memory; 0 for other values.
fn place(value: &Value) -> usize {
    value.as_map().map_or(0, |map| std::ptr::from_ref(map).addr())
}

/// Runs `work` within `limits`; the budget of an outer rendering comes back afterwards. Maps of `lasting` outlive it.
pub(crate) fn within<T>(limits: Limits, lasting: &[Value], work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Budget>);
    impl Drop for Restore {
        fn drop(&mut self) {
            let outer = self.0.take();
            BUDGET.with_borrow_mut(|b| *b = outer);
        }
    }
    let budget = Budget {
        lasting: lasting.iter().map(place).filter(|at| *at != 0).collect(),
        ends: Clock::instant() + limits.deadline,
        bytes_left: limits.memory_bytes,
        stack_base: stack_here(),
        ticks: 0,
    };
    let _restore = Restore(BUDGET.replace(Some(budget)));
    work()
}

/// The address of a local: how deep the stack is, to a few bytes.
#[inline(never)]
fn stack_here() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here) as usize
}

fn stopped(why: &str) -> Error {
    Error::message(format!("{STOPPED}: {why}"))
}

/// Takes `bytes` from the budget and looks at the clock and the stack.
///
/// # Errors
/// The time, the memory or the stack is used up.
pub(crate) fn spend(bytes: usize) -> TeraResult<()> {
    BUDGET.with_borrow_mut(|budget| {
        let Some(budget) = budget else { return Ok(()) };
        budget.bytes_left = budget.bytes_left.checked_sub(bytes).ok_or_else(|| stopped("it used too much memory"))?;
        // the clock costs 20 ns, so small steps look at it every eighth time
        budget.ticks = budget.ticks.wrapping_add(1);
        if (budget.ticks & 7 == 0 || bytes > 4096) && Clock::instant() > budget.ends {
            return Err(stopped("it took too long"));
        }
        if budget.stack_base.abs_diff(stack_here()) > MAX_STACK_BYTES {
            return Err(stopped("its parts are nested too deeply"));
        }
        Ok(())
    })
}

/// Most that a tick's name can say: 2^18 bytes, the largest template.
const MAX_STEPS: u32 = 18;

/// Registers the inserted `__tick_K(value=…)`: about 2^K bytes of text follow (none for 0), the arguments were just
/// stored.
pub(crate) fn register(tera: &mut Tera) {
    for steps in 0..=MAX_STEPS {
        let text = if steps == 0 { 0 } else { 1_usize << steps };
        tera.register_function(format!("__tick_{steps}"), move |kwargs: Kwargs, _: &State| -> TeraResult<Value> {
            let mut bytes = text;
            for (_, value) in kwargs.iter() {
                if !is_lasting(value) {
                    bytes += size_within(value, MAX_VALUE_BYTES)?;
                }
            }
            spend(bytes)?;
            Ok(Value::safe_string(""))
        });
    }
    tera.register_filter("__print", print);
}

fn is_lasting(value: &Value) -> bool {
    BUDGET.with_borrow(|budget| budget.as_ref().is_some_and(|b| b.lasting.contains(&place(value))))
}

/// The inserted filter `__print`: hands the value on and counts it.
fn print(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    spend(size_within(&value, MAX_PRINTED_BYTES)?)?;
    Ok(value)
}

/// The size of a value with all that is in it.
///
/// # Errors
/// It is larger than `limit`; shared parts count each time, as they would when printed.
pub(crate) fn size_within(value: &Value, limit: usize) -> TeraResult<usize> {
    fn add(value: &Value, size: &mut usize, limit: usize) -> TeraResult<()> {
        match value.kind() {
            ValueKind::String => *size += value.as_str().map_or(0, str::len),
            ValueKind::Array => {
                for item in value.as_array().into_iter().flatten() {
                    *size += ELEMENT_BYTES;
                    add(item, size, limit)?;
                }
            }
            ValueKind::Map => {
                for (key, item) in value.as_map().into_iter().flatten() {
                    *size += ELEMENT_BYTES + key.as_str().map_or(0, str::len);
                    add(item, size, limit)?;
                }
            }
            _ => *size += ELEMENT_BYTES,
        }
        if *size > limit { Err(stopped("a value is too large")) } else { Ok(()) }
    }
    let mut size = 0;
    add(value, &mut size, limit)?;
    Ok(size)
}

/// Refuses to write more than its limit, so that a page can never outgrow memory.
pub(crate) struct LimitedWriter {
    bytes: Vec<u8>,
    limit: usize,
}

impl LimitedWriter {
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: Vec::with_capacity(16 * 1024), limit }
    }
    pub(crate) fn into_string(self) -> String {
        String::from_utf8(self.bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }
}

impl Write for LimitedWriter {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + part.len() > self.limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
