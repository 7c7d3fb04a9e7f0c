//! Files of accounts from outside, by the programs that people use: OpenSSH's sftp, curl, rclone, cadaver, litmus, lftp.

pub mod harbour;

mod by_dav;
mod by_ftp;
mod by_hand;
mod by_sftp;
mod limits;
mod tenants;
mod traffic;
