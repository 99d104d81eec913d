//! `qa`: tests operating-system images the way a person would.

fn main() -> std::process::ExitCode {
    runner::main()
}
