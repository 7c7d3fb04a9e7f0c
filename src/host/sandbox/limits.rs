//! How much of the machine a program gets: limits that the kernel keeps, set by `prlimit` inside the sandbox (row H009
//! without control groups: each limit but the number of processes is per process).

/// Limits of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of the processor.
    pub cpu_s: u64,
    /// Addressable memory.
    pub memory_bytes: u64,
    /// Processes and threads of the sandbox.
    pub processes: u64,
    /// Open files.
    pub files: u64,
    /// The largest file that can be written.
    pub file_bytes: u64,
}

/// Processes and threads that the node itself may have under its user: without a sandbox the kernel counts them too.
const OF_THE_NODE: u64 = 512;

impl Limits {
    /// As arguments of `prlimit`. Inside a sandbox only what runs there is counted.
    pub(super) fn arguments(&self, walls: bool) -> Vec<String> {
        let processes = if walls { self.processes } else { self.processes + OF_THE_NODE };
        vec![
            // First a signal that can be caught, a second later one that cannot.
            format!("--cpu={}:{}", self.cpu_s, self.cpu_s + 1),
            format!("--as={}", self.memory_bytes),
            format!("--nproc={processes}"),
            format!("--nofile={}", self.files),
            format!("--fsize={}", self.file_bytes),
            "--core=0".to_owned(),
        ]
    }
}

impl Default for Limits {
    /// Enough for a backup or a build of a small site: 10 minutes of the processor, 2 GB, 128 processes, files of 4 GB.
    fn default() -> Self {
        Self { cpu_s: 600, memory_bytes: 2 << 30, processes: 128, files: 1024, file_bytes: 4 << 30 }
    }
}
