-- Designs that are tried out go, and with them how sites looked.
DROP TABLE design_states;
DROP TABLE design_drafts;
