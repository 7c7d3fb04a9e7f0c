//! Threads that give way to others.

/// Cores this process may use; at least 1.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Lowers the calling thread's priority (nice 10), so that pages are served before images are made.
/// Linux keeps a nice value per thread. Where the system refuses, the thread simply goes on as it was:
/// slower neighbours are no reason to fail.
pub fn lower_priority() {
    // `None` is "the caller", which Linux takes as the calling thread (setpriority(2), "C library/kernel differences").
    let _ = rustix::process::setpriority_process(None, 10);
}

/// Keeps this process to small pages of memory. A node holds much that is small and seldom used; in pages of 2 MB it
/// took four times the memory at rest. Where the system refuses, it takes more.
pub fn small_memory_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_asking_thread_gets_slower() {
        let before = rustix::process::getpriority_process(None).unwrap();
        let inside = std::thread::spawn(|| {
            lower_priority();
            rustix::process::getpriority_process(None).unwrap()
        });
        assert_eq!(inside.join().unwrap(), before.max(10));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), before);
        assert!(cores() >= 1);
    }
}
