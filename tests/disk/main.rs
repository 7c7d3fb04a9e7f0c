//! What the disk may do to the database: lose power (security rule F2), be full or broken (F3). A layer under SQLite
//! writes down everything that is written and synced, and can refuse. A program of its own, because that layer lies
//! under every database of its process.

mod fault;
mod layer;
mod power;
mod town;
