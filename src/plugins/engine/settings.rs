//! How wasmtime is set up: what code may use, and the pool of places that calls run in.

use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

/// The most memory that any call may have; a pool's place is made for it.
pub(super) const MEMORY: usize = 32 << 20;
/// The stack of a plugin on the thread that calls it. Threads of ours have 2 MiB.
const STACK: usize = 512 << 10;
/// Of a memory that is given back so much is cleared and kept, not handed to the system and fetched again.
const KEPT: usize = 256 << 10;

/// What machine code depends on; the same for who makes it and who runs it.
fn code() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed)
        .max_wasm_stack(STACK)
        .wasm_backtrace_max_frames(None)
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .memory_reservation(4 << 30)
        .memory_guard_size(32 << 20)
        .memory_init_cow(true);
    config
}

/// For making machine code: no pool.
pub(super) fn for_compiling() -> Config {
    code()
}

/// For running: `places` calls at once.
pub(super) fn for_running(places: u32) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    // A component is a few core instances: the script runner has four core modules.
    pool.total_component_instances(places)
        .max_component_instance_size(1 << 20)
        .max_core_instances_per_component(30)
        .max_core_instance_size(1 << 20)
        .max_memories_per_component(2)
        .max_tables_per_component(6)
        .max_tables_per_module(2)
        .max_memories_per_module(1)
        .total_core_instances(places.saturating_mul(30))
        .total_memories(places.saturating_mul(2))
        .total_tables(places.saturating_mul(6))
        .table_elements(20_000)
        .max_memory_size(MEMORY)
        .max_unused_warm_slots(places)
        .linear_memory_keep_resident(KEPT)
        .table_keep_resident(64 << 10);
    let mut config = code();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}
