#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stackup_fuzz::run("sizes", data));
