//! Floor 1: the machine. The only crate that starts programs, opens paths or outgoing sockets.
