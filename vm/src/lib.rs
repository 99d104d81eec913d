//! Machines: QEMU processes, QMP, display, input, serial console, agent, firmware, images

pub mod image;
