#![no_main]
//! A size in bytes.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    stackup_fuzz::value("deploy: {resources: {limits: {memory: {}}}}", data);
});
