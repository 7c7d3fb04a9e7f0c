//! The interface of `wit/plugin.wit` as Rust, made by wasmtime.
#![allow(missing_docs, clippy::all, reason = "made by a macro; the words stand in the .wit file")]

wasmtime::component::bindgen!({
    path: "wit",
    world: "freehold:plugin/plugin",
    imports: { default: trappable },
});
