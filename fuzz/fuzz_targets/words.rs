#![no_main]
//! A command line, split as a shell splits it.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    stackup_fuzz::value("command: {}", data);
});
