#![no_main]
//! Two files, the second after a line of `%`; an empty third changes nothing.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let at = data.windows(3).position(|three| three == b"\n%\n").unwrap_or(data.len());
    let (first, second) = data.split_at(at);
    let second = second.get(3..).unwrap_or(b"{}");
    if let Some(stack) = stackup_fuzz::read(&[first, second], b"A=1\n") {
        stackup_fuzz::prints_and_reads(&stack, b"A=1\n");
        let empty = stack.version.as_ref().map_or("{}\n".to_owned(), |v| format!("version: '{}'\n", v.value));
        let again = stackup_fuzz::read(&[first, second, empty.as_bytes()], b"A=1\n");
        assert_eq!(again.map(|s| stackup_fuzz::compose::emit(&s)), Some(stackup_fuzz::compose::emit(&stack)));
    }
});
