//! How long the next sign-in attempt waits (security rule C5). Decides only; the failures are counted in the database.

use std::net::IpAddr;

use freehold_base::{Code, Error, Network, Result, Timestamp};

/// Failures older than this are forgotten: count only those since `now - WINDOW_MS`.
pub const WINDOW_MS: i64 = 60 * 60 * 1000;

/// Recent failures of one subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// How many within [`WINDOW_MS`].
    pub count: u32,
    /// When the last one was.
    pub last: Timestamp,
}

/// Recent failures that concern one attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// For this account (the email as typed, known or not).
    pub account: Failures,
    /// From this network, see [`network_of`].
    pub network: Failures,
    /// By anybody.
    pub overall: Failures,
}

/// So many failures are free, then the wait doubles from one second up to the longest.
struct Limit {
    free: u32,
    longest_s: i64,
}

/// A person mistypes; 5 minutes at most, because anybody can make somebody else's account wait.
const ACCOUNT: Limit = Limit { free: 5, longest_s: 300 };
/// A whole office may stand behind one address.
const NETWORK: Limit = Limit { free: NETWORK_FREE, longest_s: 900 };
/// Failures of a network that make nobody wait.
pub const NETWORK_FREE: u32 = 20;
/// An attack from everywhere slows everybody a little, and locks nobody out.
const OVERALL: Limit = Limit { free: 500, longest_s: 4 };
/// 40 bits in 30 minutes: with at most one try a minute after ten, the chance is below 1 in 10^10.
const SETUP: Limit = Limit { free: 5, longest_s: 60 };

/// What to do with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on and check the password.
    Allow,
    /// Refuse without looking at the password; say when to come back.
    Wait {
        /// At least 1.
        seconds: u32,
    },
}

impl Decision {
    /// Passes, or refuses.
    ///
    /// # Errors
    /// `TooManyAttempts` with the time to wait.
    pub fn check(self) -> Result<()> {
        match self {
            Self::Allow => Ok(()),
            Self::Wait { seconds: 1 } => Err(Error::refused(Code::TooManyAttempts, "1 second")),
            Self::Wait { seconds } => Err(Error::refused(Code::TooManyAttempts, format!("{seconds} seconds"))),
        }
    }
}

/// May somebody try to sign in now? The longest of the three waits counts.
pub fn sign_in_wait(attempts: &Attempts, now: Timestamp) -> Decision {
    let waits =
        [ACCOUNT.wait(attempts.account, now), NETWORK.wait(attempts.network, now), OVERALL.wait(attempts.overall, now)];
    decide(waits.into_iter().max().unwrap_or(0))
}

/// How long a network with these failures waits.
pub fn network_wait(failures: Failures, now: Timestamp) -> Decision {
    decide(NETWORK.wait(failures, now))
}

/// May somebody try a set-up code now? `failures` are all of this code, from anywhere.
pub fn setup_wait(failures: Failures, now: Timestamp) -> Decision {
    decide(SETUP.wait(failures, now))
}

fn decide(wait_ms: i64) -> Decision {
    match u32::try_from((wait_ms + 999) / 1000) {
        Ok(seconds) if seconds > 0 => Decision::Wait { seconds },
        _ => Decision::Allow,
    }
}

impl Limit {
    /// Milliseconds still to wait; at most `longest_s`, whatever the clock did.
    fn wait(&self, failures: Failures, now: Timestamp) -> i64 {
        let Some(over) = failures.count.checked_sub(self.free) else { return 0 };
        let since = now.ms().saturating_sub(failures.last.ms());
        let longest = self.longest_s * 1000;
        // A failure from further ahead than any wait was written by a wrong clock: it must not lock anybody out.
        if since < -longest {
            return 0;
        }
        let delay = 1000i64.checked_shl(over.min(20)).unwrap_or(longest).min(longest);
        delay.saturating_sub(since).clamp(0, longest)
    }
}

/// The network an address is counted by: the address itself of IPv4 (mapped ones too), `/64` of IPv6 (row H137).
pub fn network_of(address: IpAddr) -> String {
    Network::of_one(address).to_string()
}
