//! The history of results folders with small logs that are made by code.

mod damage;
mod questions;
mod same_again;
mod sample;
