//! Names of sites against real name servers on loopback: knot serves the zones, bind keeps old answers as the
//! resolvers of the world do.

mod figures;
mod health;
mod names;
mod overlap;
mod ownership;
mod program;
mod serving;
mod setup;
mod world;
