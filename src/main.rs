fn main() -> std::process::ExitCode {
    stackup::cli::main()
}
