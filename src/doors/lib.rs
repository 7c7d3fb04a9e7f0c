//! Floor 3: doors. They parse, call one service, and present.
