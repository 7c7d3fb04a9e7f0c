//! `config.example.toml` names every key with its default.

use freehold_base::config::Config;

#[test]
fn the_example_names_every_key_with_its_default() {
    let example = include_str!("../../config.example.toml");
    let shown: toml::Table = example.parse().unwrap();
    let defaults: toml::Table = toml::from_str(&toml::to_string(&Config::default()).unwrap()).unwrap();
    assert_eq!(shown, defaults);
}
