#![no_main]
//! Any bytes as a Compose file.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(stack) = stackup_fuzz::read(&[data], b"A=1\n") {
        stackup_fuzz::prints_and_reads(&stack, b"A=1\n");
    }
});
