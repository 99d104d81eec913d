//! The engine and the commands of qa
