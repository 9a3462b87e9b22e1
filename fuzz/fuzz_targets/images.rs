#![no_main]
//! The name of an image.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    stackup_fuzz::value("x-k: 1\n  other:\n    image: {}", data);
});
