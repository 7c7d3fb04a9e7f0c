DROP TABLE theme_bases;
DROP TABLE theme_states;
