//! The machine of a job.

use super::job::Settings;
use crate::openqa::steps::scalar;

/// Settings that machine and image are made of, or that `qa` needs not.
pub(in crate::openqa) const TAKEN: [&str; 46] = [
    "ARCH",
    "MACHINE",
    "BACKEND",
    "QEMURAM",
    "QEMUCPU",
    "QEMUCPUS",
    "QEMUMACHINE",
    "QEMUVGA",
    "QEMUTPM",
    "UEFI",
    "HDDSIZEGB",
    "NUMDISKS",
    "HDDMODEL",
    "NICMODEL",
    "NICTYPE",
    "XRES",
    "YRES",
    "ISO",
    "HDD_1",
    "KERNEL",
    "INITRD",
    "APPEND",
    "DISTRI",
    "VERSION",
    "FLAVOR",
    "TEST",
    "BUILD",
    "SCHEDULE",
    "YAML_SCHEDULE",
    "CASEDIR",
    "PRODUCTDIR",
    "NEEDLES_DIR",
    "NAME",
    "JOBTOKEN",
    "OPENQA_URL",
    "OPENQA_HOSTNAME",
    "WORKER_ID",
    "WORKER_INSTANCE",
    "WORKER_HOSTNAME",
    "VNC",
    "VIDEOMODE",
    "SERIALDEV",
    "VIRTIO_CONSOLE",
    "QEMUPORT",
    "DESKTOP",
    "PRJDIR",
];

/// Settings of a machine, as lines of `machines:` without indent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::openqa) struct MachineText {
    pub(in crate::openqa) name: String,
    pub(in crate::openqa) lines: Vec<String>,
    /// What has no counterpart, in words.
    pub(in crate::openqa) problems: Vec<String>,
}

impl MachineText {
    /// Makes the machine of a job. `has_disk` is true if the image is a disk, not a CD.
    pub(in crate::openqa) fn of(settings: &Settings, has_disk: bool) -> Self {
        let get = |name: &str| {
            settings
                .get(name)
                .map(String::as_str)
                .filter(|value| !value.is_empty() && *value != "0")
        };
        let mut problems = Vec::new();
        let name = file_name(get("MACHINE").unwrap_or("machine"));
        let mut lines = Vec::new();
        let backend = get("BACKEND").unwrap_or("qemu");
        if backend == "generalhw" {
            lines.push(format!("arch: {}", get("ARCH").unwrap_or("x86_64")));
            lines.push("board:".to_owned());
            lines.push("  general_hw:".to_owned());
            let own = settings
                .iter()
                .filter(|(name, _)| name.starts_with("GENERAL_HW_"));
            lines.extend(own.map(|(name, value)| format!("    {name}: {}", scalar(value))));
            return Self {
                name,
                lines,
                problems,
            };
        }
        if backend != "qemu" {
            problems.push(format!(
                "the backend `{backend}` of machine `{name}`: it became a machine of QEMU"
            ));
        }
        lines.push(format!(
            "preset: {}",
            preset(get("ARCH"), get("UEFI").is_some(), &name, &mut problems)
        ));
        // openQA's own values, where a job has none.
        let memory = get("QEMURAM").and_then(whole).unwrap_or(1024);
        lines.push(format!("memory: {memory}M"));
        lines.push(format!(
            "cpus: {}",
            get("QEMUCPUS").and_then(whole).unwrap_or(1).clamp(1, 256)
        ));
        lines.extend(
            get("QEMUCPU")
                .filter(|cpu| *cpu != "host")
                .map(|cpu| format!("cpu: {}", scalar(cpu))),
        );
        lines.extend(get("QEMUMACHINE").map(|kind| format!("type: {}", scalar(kind))));
        lines.push(display(settings, &mut problems));
        lines.push(network(
            get("NICTYPE"),
            get("NICMODEL"),
            &name,
            &mut problems,
        ));
        if get("QEMUTPM").is_some() {
            lines.push("tpm: true".to_owned());
        }
        lines.extend(disks(settings, has_disk, &name, &mut problems));
        if has_disk && let Some(iso) = get("ISO") {
            lines.push(format!(
                "cdrom: {}",
                scalar(&super::image::asset("iso", iso))
            ));
        }
        Self {
            name,
            lines,
            problems,
        }
    }
}

fn whole(text: &str) -> Option<u64> {
    text.trim()
        .parse()
        .ok()
        .filter(|number| (1..1_000_000).contains(number))
}

/// Returns a name that may be the name of a folder, too.
pub(in crate::openqa) fn file_name(text: &str) -> String {
    let word = |c: char| match c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
        true => c,
        false => '-',
    };
    let name: String = text.chars().map(word).take(80).collect();
    let name = name.trim_matches(['.', '-']);
    match name.is_empty() {
        true => "unnamed".to_owned(),
        false => name.to_owned(),
    }
}

fn preset(
    arch: Option<&str>,
    is_uefi: bool,
    name: &str,
    problems: &mut Vec<String>,
) -> &'static str {
    match arch.unwrap_or("x86_64") {
        "x86_64" | "i586" | "i686" if is_uefi => "uefi-x86_64",
        "x86_64" | "i586" | "i686" => "bios-x86_64",
        "aarch64" => "uefi-aarch64",
        "riscv64" => "uefi-riscv64",
        "loongarch64" => "uefi-loongarch64",
        other => {
            problems.push(format!(
                "the architecture `{other}` of machine `{name}`: `qa` has no machine for it"
            ));
            "bios-x86_64"
        }
    }
}

fn display(settings: &Settings, problems: &mut Vec<String>) -> String {
    let number = |name: &str, least, usual| {
        let number = settings.get(name).and_then(|value| whole(value));
        number
            .filter(|number| (least..=8192).contains(number))
            .unwrap_or(usual)
    };
    let (width, height) = (number("XRES", 320, 1024), number("YRES", 200, 768));
    let device = match settings.get("QEMUVGA").map(String::as_str) {
        Some("virtio" | "virtio-vga") => Some("virtio-vga"),
        Some("std" | "VGA") => Some("VGA"),
        Some("virtio-gpu-pci") => Some("virtio-gpu-pci"),
        Some("none") => Some("none"),
        Some(other) if !other.is_empty() => {
            problems.push(format!(
                "QEMUVGA={other}: the machine has the graphics device of its preset"
            ));
            None
        }
        _ => None,
    };
    let device = device
        .map(|device| format!("device: {device}, "))
        .unwrap_or_default();
    format!("display: {{ {device}width: {width}, height: {height} }}")
}

fn network(
    kind: Option<&str>,
    model: Option<&str>,
    name: &str,
    problems: &mut Vec<String>,
) -> String {
    match kind.unwrap_or("user") {
        "none" | "off" => return "network: off".to_owned(),
        "user" => {}
        other => problems.push(format!(
            "NICTYPE={other} of machine `{name}`: it has a card of its own, behind the host"
        )),
    }
    let model = match model {
        Some("e1000") => "e1000",
        Some("e1000e") => "e1000e",
        Some("rtl8139") => "rtl8139",
        Some("vmxnet3") => "vmxnet3",
        Some("igb") => "igb",
        _ => return "network: user".to_owned(),
    };
    format!("network: {{ model: {model} }}")
}

fn disks(
    settings: &Settings,
    has_disk: bool,
    name: &str,
    problems: &mut Vec<String>,
) -> Vec<String> {
    let number = |name: &str| {
        settings
            .get(name)
            .and_then(|value| value.trim().parse::<u64>().ok())
    };
    let bus = match settings
        .get("HDDMODEL")
        .map(|model| model.split(',').next().unwrap_or_default())
    {
        Some("nvme") => Some("nvme"),
        Some("scsi-hd") => Some("scsi"),
        Some("ide-hd" | "ide-drive") => Some("sata"),
        Some("usb-storage") => Some("usb"),
        Some("virtio-blk" | "virtio-blk-device" | "virtio-blk-pci") | None => None,
        Some(other) => {
            problems.push(format!(
                "HDDMODEL={other} of machine `{name}`: its disks are on virtio"
            ));
            None
        }
    };
    let size = number("HDDSIZEGB").filter(|size| (1..=16_000).contains(size));
    let count = number("NUMDISKS").unwrap_or(1).min(16);
    let mut lines = Vec::new();
    let bus_part = |before: &str| {
        bus.map(|bus| format!("{before}bus: {bus}"))
            .unwrap_or_default()
    };
    if has_disk {
        let size = size.map(|size| format!("size: {size}G"));
        let parts: Vec<String> = size
            .into_iter()
            .chain(bus.map(|bus| format!("bus: {bus}")))
            .collect();
        if !parts.is_empty() {
            lines.push(format!("disk: {{ {} }}", parts.join(", ")));
        }
    }
    let empty = count.saturating_sub(u64::from(has_disk));
    if empty > 0 {
        // openQA's own size.
        let one = format!("{{ size: {}G{} }}", size.unwrap_or(10), bus_part(", "));
        let all = vec![one; usize::try_from(empty).unwrap_or(1)];
        lines.push(format!("disks: [{}]", all.join(", ")));
    }
    lines
}
