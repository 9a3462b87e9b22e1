#![no_main]
//! The short form of a port.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    stackup_fuzz::value("ports: [{}]", data);
});
