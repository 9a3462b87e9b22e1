#![no_main]
//! A file of variables.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let file = b"services: {web: {image: a, env_file: [vars.env]}}\n";
    if let Some(stack) = stackup_fuzz::read(&[file], data) {
        stackup_fuzz::prints_and_reads(&stack, data);
    }
});
