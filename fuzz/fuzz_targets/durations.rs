#![no_main]
//! A duration.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    stackup_fuzz::value("stop_grace_period: {}", data);
});
