//! A network KVM in order, and with each fault.

mod devices;
mod login;
mod medium;
