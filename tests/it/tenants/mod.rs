//! Two accounts of two resellers (rule C2): whatever people of one ask for of the other is answered as a thing that does
//! not exist: the same status, the same words but for the name asked for. Nothing of the other changes, file or row, and
//! a word that stands in all of it is in no answer.
//!
//! What is walked: every route of the panel and of the API whose address has a number or a name in it, the numbers that
//! bodies take, lists and searches, every form of a path by SFTP, WebDAV and FTP, and the commands that name a site
//! beside something of it. Routes come from the tables themselves: a new one is walked on the day it is added, and a
//! part of an address that nobody has told this walk about fails it.
//!
//! The command line has no `--as`: it speaks to the socket of the node (mode 0600, its own uid) or opens the database,
//! and acts as the installation, which sees everything; whoever may use it may read the data folder. It is walked for
//! the one mistake that is left: a site of one account beside a thing of another.

mod addresses;
mod ask;
mod bodies;
mod doors;
mod program;
mod two;
mod visitors;
