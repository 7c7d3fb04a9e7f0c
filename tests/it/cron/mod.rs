//! Commands at set times and terminals: planned by a hand that holds the clock, and done by the real binary.

mod hand;

mod fields;
mod planning;
mod runs;
mod socket;
mod terminal;
mod turns;
