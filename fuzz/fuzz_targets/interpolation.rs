#![no_main]
//! Any text with variables.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    stackup_fuzz::value("hostname: {}", data);
});
