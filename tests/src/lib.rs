//! Fakes and tests over the whole: a fake QMP machine for speed, real QEMU for truth
