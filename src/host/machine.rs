//! What the machine does: processors and memory, as Linux tells them. A system that tells nothing has no figures.

/// Time of all processors since the start of the machine, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    /// In which they worked.
    pub busy: u64,
    /// In all.
    pub all: u64,
}

impl Ticks {
    /// Percent of the time since an earlier look in which they worked; none where no time went by.
    pub fn percent_since(self, earlier: Ticks) -> Option<u64> {
        let all = self.all.checked_sub(earlier.all).filter(|all| *all > 0)?;
        Some((self.busy.saturating_sub(earlier.busy).saturating_mul(100) / all).min(100))
    }
}

/// Memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// In use: what could not be had at once.
    pub used: u64,
    /// In all.
    pub all: u64,
}

/// Lets this process open as many files as its limits allow it to ask for; gives how many. Most systems begin with
/// 1,024, connections among them. Programs in the sandbox have limits of their own.
pub fn open_many_files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if limit.current != limit.maximum && setrlimit(Resource::Nofile, raised).is_err() {
        return limit.current;
    }
    limit.maximum
}

/// The processors' time so far.
pub fn ticks() -> Option<Ticks> {
    read_ticks(&std::fs::read_to_string("/proc/stat").ok()?)
}

/// The memory as it is now.
pub fn memory() -> Option<Memory> {
    read_memory(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// Bytes of memory that this process holds.
pub fn own_memory() -> Option<u64> {
    read_kb(&std::fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// The first line of `proc_stat(5)`: user, nice, system, idle, iowait, irq, softirq, steal.
fn read_ticks(text: &str) -> Option<Ticks> {
    let line = text.lines().find_map(|l| l.strip_prefix("cpu "))?;
    let parts: Vec<u64> = line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
    let all = parts.iter().fold(0_u64, |sum, n| sum.saturating_add(*n));
    let idle = parts.get(3)?.saturating_add(parts.get(4).copied().unwrap_or(0));
    Some(Ticks { busy: all.saturating_sub(idle), all })
}

fn read_memory(text: &str) -> Option<Memory> {
    let (all, free) = (read_kb(text, "MemTotal:")?, read_kb(text, "MemAvailable:")?);
    Some(Memory { used: all.saturating_sub(free), all })
}

fn read_kb(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|l| l.strip_prefix(name))?;
    rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_may_be_open_as_the_limits_allow() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Some(most) = getrlimit(Resource::Nofile).maximum else { return };
        setrlimit(Resource::Nofile, Rlimit { current: Some(most - 1), maximum: Some(most) }).unwrap();
        assert_eq!(open_many_files(), Some(most));
        assert_eq!(getrlimit(Resource::Nofile).current, Some(most));
    }

    #[test]
    fn the_kernels_lines_are_read() {
        let stat = "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 100 0 50 800 50 0 0 0 0 0\n";
        let now = read_ticks(stat).unwrap();
        assert_eq!(now, Ticks { busy: 150, all: 1000 });
        assert_eq!(now.percent_since(Ticks { busy: 100, all: 900 }), Some(50));
        assert_eq!(now.percent_since(now), None);
        let memory = read_memory("MemTotal:  8000 kB\nMemFree: 1 kB\nMemAvailable:  6000 kB\n").unwrap();
        assert_eq!(memory, Memory { used: 2000 * 1024, all: 8000 * 1024 });
        assert_eq!(read_ticks("nothing"), None);
        assert_eq!(read_memory("MemTotal: x kB"), None);
    }
}
