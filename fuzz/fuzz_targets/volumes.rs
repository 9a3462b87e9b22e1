#![no_main]
//! The short form of a mount.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    stackup_fuzz::value("volumes: [{}]", data);
});
