//! `qa` itself, as the tests run it.

fn main() -> std::process::ExitCode {
    runner::main()
}
