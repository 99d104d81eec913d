//! A test distribution in openQA's documented formats: 60 modules, 2 job groups, 40 needles. It is made here, of the
//! usual calls; nothing of it is from anybody else.

use qa_tests::{Badge, Qa, Screen};
use serde_json::json;

/// The modules that are written by hand, by their path below `tests/`.
const MODULES: &[(&str, &str)] = &[
    ("installation/bootloader", BOOTLOADER),
    ("installation/welcome", WELCOME),
    ("installation/partitioning", PARTITIONING),
    ("installation/start_install", START_INSTALL),
    ("installation/first_boot", FIRST_BOOT),
    ("console/console_setup", CONSOLE_SETUP),
    ("console/journal", JOURNAL),
    ("console/network", NETWORK),
    ("console/packages", PACKAGES),
    ("x11/login", LOGIN),
    ("x11/settings", SETTINGS),
    ("shutdown/shutdown", SHUTDOWN),
];

/// Desktop programs, each with a module of its own.
const PROGRAMS: [&str; 26] = [
    "calculator",
    "calendar",
    "clocks",
    "contacts",
    "disks",
    "editor",
    "files",
    "fonts",
    "logs",
    "maps",
    "monitor",
    "music",
    "photos",
    "recorder",
    "scanner",
    "software",
    "terminal",
    "tour",
    "videos",
    "weather",
    "archive",
    "camera",
    "chess",
    "help",
    "notes",
    "paint",
];

/// Commands, each with a module of its own.
const COMMANDS: [&str; 22] = [
    "awk", "bash", "bzip2", "cron", "curl", "date", "diff", "find", "git", "grep", "gzip", "less",
    "lsof", "make", "nano", "perl", "rsync", "sed", "ssh", "sudo", "tar", "vim",
];

const BOOTLOADER: &str = r#"# Summary: The boot loader starts the installer
use base 'installbasetest';
use strict;
use warnings;
use testapi;

sub run {
    # The menu waits for a key.
    assert_screen 'bootloader', 60;
    send_key 'down' for 1 .. 2;
    if (check_var('VIDEOMODE', 'text')) {
        type_string " textmode=1";
    }
    send_key 'ret';
}

sub test_flags {
    return {fatal => 1};
}

1;
"#;

const WELCOME: &str = r#"# Summary: The installer asks for language and licence
use base 'installbasetest';
use testapi;

sub accept_licence {
    my ($self) = @_;
    assert_and_click('licence-accept', timeout => 45);
    wait_still_screen(2, 10);
}

sub run {
    my ($self) = @_;
    assert_screen([qw(welcome welcome-beta)], timeout => 300);
    if (match_has_tag('welcome-beta')) {
        record_soft_failure 'bsc#1200001 The page still says beta';
        send_key 'alt-o';
        assert_screen 'welcome';
    }
    else {
        save_screenshot;
    }
    $self->accept_licence;
    send_key_until_needlematch('licence-read', 'pgdn', 10, 2);
    wait_screen_change { send_key 'alt-n' };
}

sub test_flags { return {fatal => 1}; }

1;
"#;

const PARTITIONING: &str = r#"use base 'installbasetest';
use testapi;
use partition_setup 'unmount_all';

=head1 Partitioning

This text is documentation; 'assert_screen' in it is no call.

=cut

sub run {
    assert_screen 'partitioning';
    if (get_var('ENCRYPT')) {
        assert_and_click 'partitioning-encrypt';
        type_password;
        send_key 'tab';
        type_password $testapi::password;
        wait_still_screen stilltime => 3, timeout => 30;
    } elsif (check_var('FILESYSTEM', 'xfs')) {
        assert_and_dclick 'partitioning-xfs';
    } else {
        diag 'the proposal is taken as it is';
    }
    mouse_set(100, 200);
    mouse_click 'right';
    mouse_hide;
    my @disks = grep { /^sd/ } split /\n/, script_output('ls /dev');
    die 'no disk' unless scalar(@disks) > 0;
    send_key 'alt-n';
}

sub post_fail_hook {
    my ($self) = @_;
    select_console 'root-console';
    upload_logs '/var/log/installer.log';
}

sub test_flags { {fatal => 1} }

1;
"#;

const START_INSTALL: &str = r#"use base 'installbasetest';
use testapi;

sub run {
    my $timeout = 60 * 30;
    assert_and_click 'install-button';
    if (check_screen('install-confirm', 10)) {
        click_lastmatch;
    }
    assert_screen 'install-done', $timeout;
    eject_cd;
    power('reset');
}

sub test_flags { return {fatal => 1, milestone => 1}; }

1;
"#;

const FIRST_BOOT: &str = r#"use base 'opensusebasetest';
use testapi;
use utils qw(unlock_if_encrypted handle_slow_firmware);

sub run {
    unlock_if_encrypted;
    wait_serial(qr/login:\s*$/, 300) or die 'no login prompt on the serial console';
    handle_slow_firmware(timeout => 30);
    check_screen 'tour-dialog', 5;
    assert_screen 'login-screen', 200;
}

sub test_flags { return {fatal => 1, milestone => 1}; }

1;
"#;

const CONSOLE_SETUP: &str = r#"use base 'consoletest';
use testapi;

sub run {
    select_console 'root-console';
    assert_script_run 'systemctl is-system-running', 120;
    assert_script_run("echo PS1=prompt >> ~/.bashrc", timeout => 20);
    enter_cmd 'clear';
    my $release = script_output 'cat /etc/os-release', 30;
    record_info 'release', $release;
    script_run 'dmesg -n 4';
    assert_script_run <<'EOF';
cat > /tmp/setup.conf << END
key = "value"
END
EOF
    select_console 'user-console';
    assert_script_run 'whoami';
    assert_script_sudo 'id -u', 15;
}

sub test_flags { return {milestone => 1, fatal => 1}; }

1;
"#;

const JOURNAL: &str = r#"use base 'consoletest';
use testapi;

our $log = '/tmp/journal.txt';

sub run {
    return if check_var('FLAVOR', 'Minimal');
    assert_script_run "journalctl -b > $log";
    validate_script_output "wc -l $log", sub { m/^\d+ / };
    validate_script_output('journalctl --disk-usage', qr/take up [0-9.]+[KMG]/, timeout => 60);
    validate_script_output 'journalctl --list-boots', sub {
        my @boots = split /\n/;
        return @boots >= 1;
    };
    upload_logs($log, failok => 1);
    if (script_run("grep -q 'segfault' $log") == 0) {
        die "segfault in $log";
    }
}

1;
"#;

const NETWORK: &str = r#"use base 'consoletest';
use testapi;
use version_utils 'is_tumbleweed';

sub run {
    my $server = get_var('TEST_SERVER', '192.0.2.1');
    my $count = 1;
    $count++ if get_var('SLOW');
    assert_script_run "ping -c 3 $server";
    foreach my $service (qw(systemd-networkd systemd-resolved)) {
        assert_script_run "systemctl is-active $service";
    }
    if (is_tumbleweed) {
        assert_script_run 'resolvectl status';
        assert_screen 'resolver-status';
    }
    for (my $i = 0; $i < 3; $i++) {
        script_run 'ip addr';
    }
    type_string "logger network_done > /dev/$serialdev\n";
    wait_serial 'network_done', timeout => 30;
    wait_serial('I/O error', 5, 1);
}

1;
"#;

const PACKAGES: &str = r#"use base 'consoletest';
use testapi;

sub run {
    my $output;
    for my $package ('vim', 'git') {
        assert_script_run "rpm -q $package", fail_message => "$package is not installed";
    }
    $output = script_output('rpm -qa', proceed_on_failure => 1);
    if ($output =~ /emacs-\d/) {
        record_info('editor', 'emacs is there, too');
    }
    set_var('PACKAGES_CHECKED', '1');
    sleep 5;
    my $hash = {name => 'x', list => [1, 2]};
    assert_script_run "echo $hash->{name}";
    background_script_run 'sleep 100';
    assert_screen 'a-needle-that-nobody-has';
}

1;
"#;

const LOGIN: &str = r#"# Summary: A user logs in to the desktop
use base 'x11test';
use testapi;

sub run {
    assert_and_click 'login-screen';
    type_string $testapi::username, secret => 1;
    send_key 'ret';
    type_password 'nots3cr3t';
    send_key 'ret', wait_screen_change => 1;
    assert_screen 'desktop', 180;
}

sub test_flags { return {fatal => 1, milestone => 1}; }

1;
"#;

const SETTINGS: &str = r#"use base 'x11test';
use testapi;

sub run {
    x11_start_program('control-center', target_match => 'settings-window', match_timeout => 60);
    assert_and_click('settings-about', button => 'left', timeout => 20, point_id => 'about');
    unless (check_var('DESKTOP', 'gnome') || check_var('DESKTOP', 'kde')) {
        send_key 'esc';
    }
    assert_still_screen 4;
    hold_key 'shift';
    mouse_drag(startpoint => 'settings-about', endx => 400, endy => 300, button => 'left');
    release_key 'shift';
    send_key 'alt-f4';
}

sub test_flags { return {always_rollback => 1}; }

1;
"#;

const SHUTDOWN: &str = r#"use base 'opensusebasetest';
use testapi;

sub run {
    select_console 'root-console';
    type_string "poweroff\n";
    assert_shutdown 120;
}

1;
"#;

const MAIN: &str = r#"use strict;
use warnings;
use testapi;
use autotest;
use needle;

sub load_installation {
    loadtest 'installation/bootloader';
    loadtest 'installation/welcome';
    loadtest 'installation/partitioning' unless get_var('AUTOMATIC');
    loadtest 'installation/start_install';
    autotest::loadtest 'tests/installation/first_boot.pm';
}

sub load_console {
    loadtest 'console/console_setup';
    loadtest "console/$_" for qw(COMMANDS);
    foreach my $name ('journal', 'network', 'packages') {
        loadtest("console/$name");
    }
}

if (get_var('INSTALL')) {
    load_installation();
}
if (check_var('DESKTOP', 'textmode')) {
    load_console;
} elsif (get_var('DESKTOP') =~ /gnome|kde/) {
    loadtest 'x11/login';
    loadtest 'x11/settings';
    loadtest "x11/$_" for qw(PROGRAMS);
}
loadtest 'console/extra' if some_check();
loadtest 'shutdown/shutdown';

1;
"#;

const DESKTOP_GROUP: &str = r#".common: &common
  machine: 64bit
  priority: 50

.gnome: &gnome
  <<: *common
  settings: &gnome_settings
    DESKTOP: gnome
    HDD_1: 'example-%VERSION%-gnome.qcow2'
    QEMURAM: '3072'

defaults:
  x86_64:
    machine: 64bit
    priority: 40

products:
  example-15-DVD-x86_64: &product
    distri: example
    flavor: DVD
    version: '15'

scenarios:
  x86_64:
    example-15-DVD-x86_64:
      - install_gnome:
          <<: *common
          settings:
            DESKTOP: gnome
            INSTALL: '1'
            ISO: 'example-15.iso'
            HDDSIZEGB: '20'
            PUBLISH_HDD_1: 'example-%VERSION%-gnome.qcow2'
      - gnome: *gnome
      - kde:
          <<: *gnome
          machine: [64bit, uefi]
          settings:
            <<: *gnome_settings
            DESKTOP: kde
            HDD_1: 'example-15-kde.qcow2'
"#;

const SERVER_GROUP: &str = r#"defaults:
  x86_64:
    machine: uefi
    priority: 50
  aarch64:
    machine: aarch64
    priority: 50
products:
  example-15-Server-x86_64:
    distri: example
    flavor: Server
    version: '15'
  example-15-Server-aarch64:
    distri: example
    flavor: Server
    version: '15'
scenarios:
  x86_64:
    example-15-Server-x86_64:
      - textmode
      - smoke:
          testsuite: null
          settings:
            YAML_SCHEDULE: schedule/smoke.yaml
            DESKTOP: textmode
            HDD_1: example-15-server.qcow2
            TEST_SERVER: 198.51.100.7
            SCC_REGCODE: secret-code
  aarch64:
    example-15-Server-aarch64:
      - textmode
"#;

const SMOKE: &str = r#"name: smoke
description: A short look
vars:
  SLOW: 1
schedule:
  - console/console_setup
  - console/network
  - '{{desktop}}'
  - shutdown/shutdown
conditional_schedule:
  desktop:
    DESKTOP:
      textmode:
        - console/journal
      gnome:
        - x11/login
"#;

const LIBRARY: &[(&str, &str)] = &[
    (
        "lib/utils.pm",
        r#"package utils;
use base Exporter;
use testapi;
our @EXPORT = qw(unlock_if_encrypted handle_slow_firmware);

sub unlock_if_encrypted {
    return unless get_var('ENCRYPT');
    assert_screen 'unlock-disk', 100;
    type_password;
    send_key 'ret';
}

sub handle_slow_firmware {
    my (%args) = @_;
    sleep $args{timeout};
}
1;
"#,
    ),
    (
        "lib/x11test.pm",
        r#"package x11test;
use base 'opensusebasetest';
use testapi;

sub post_run_hook {
    assert_screen 'desktop';
}
1;
"#,
    ),
    (
        "lib/exampledistribution.pm",
        r#"package exampledistribution;
use base 'distribution';
use testapi;

sub init {
    my ($self) = @_;
    $self->SUPER::init();
    $self->add_console('root-console', 'tty-console', {tty => 2});
    $self->add_console('user-console', 'tty-console', {tty => 4});
    $self->add_console('x11', 'tty-console', {tty => 7});
}
1;
"#,
    ),
];

/// Words that are the tags of needles, besides the programs'.
const NEEDLES: [&str; 20] = [
    "bootloader",
    "welcome",
    "licence-accept",
    "licence-read",
    "partitioning",
    "partitioning-encrypt",
    "partitioning-xfs",
    "install-button",
    "install-confirm",
    "install-done",
    "login-screen",
    "tour-dialog",
    "desktop",
    "settings-window",
    "unlock-disk",
    "resolver-status",
    "calculator",
    "calendar",
    "clocks",
    "contacts",
];

fn dump() -> String {
    let pairs = |pairs: &[(&str, &str)]| {
        let all = pairs
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value}));
        all.collect::<Vec<_>>()
    };
    json!({
        "Machines": [
            {"name": "64bit", "backend": "qemu", "settings": pairs(&[("QEMUCPU", "qemu64"), ("QEMURAM", "2048")])},
            {"name": "uefi", "backend": "qemu", "settings": pairs(&[
                ("UEFI", "1"), ("QEMUCPUS", "2"), ("HDDMODEL", "nvme"), ("WORKER_CLASS", "qemu_x86_64")])},
            {"name": "aarch64", "backend": "qemu", "settings": pairs(&[("UEFI", "1"), ("QEMUCPU", "host")])},
        ],
        "TestSuites": [
            {"name": "textmode", "settings": pairs(&[
                ("DESKTOP", "textmode"), ("HDD_1", "example-%VERSION%-%ARCH%.qcow2"), ("PARALLEL_WITH", "server")])},
        ],
        "Products": [
            {"distri": "example", "version": "15", "flavor": "Server", "arch": "x86_64",
             "settings": pairs(&[("TEST_SERVER", "198.51.100.1")])},
        ],
        "JobGroups": [], "JobTemplates": [],
    })
    .to_string()
}

/// Returns the module of a desktop program.
fn program(name: &str, number: usize) -> String {
    let more = match number % 4 {
        0 => "    send_key 'ctrl-q';\n",
        1 => {
            "    type_string \"hello from $program\\n\", max_interval => 50;\n    send_key 'alt-f4';\n"
        }
        2 => {
            "    wait_still_screen 3;\n    assert_and_click \"$program\", button => 'right';\n    send_key 'esc';\n"
        }
        _ => {
            "    if (check_screen \"$program\", 2) {\n        send_key 'ret';\n    }\n    send_key 'alt-f4';\n"
        }
    };
    format!(
        "# Summary: {name} starts\nuse base 'x11test';\nuse testapi;\n\nsub run {{\n    my $program = '{name}';\n    \
         x11_start_program($program);\n{more}}}\n\n1;\n"
    )
}

/// Returns the module of a command.
fn command(name: &str, number: usize) -> String {
    let more = match number % 3 {
        0 => format!("    assert_script_run('{name} --version', 60);\n"),
        1 => format!("    validate_script_output('{name} --version', qr/{name}/i);\n"),
        _ => format!(
            "    my $version = script_output(q({name} --version));\n    record_info('{name}', \"version: $version\");\n"
        ),
    };
    format!(
        "use base 'consoletest';\nuse testapi;\n\nsub run {{\n    select_console('root-console');\n    \
         assert_script_run 'command -v {name}';\n{more}    save_screenshot;\n}}\n\n1;\n"
    )
}

/// The number of modules.
pub(super) const MODULE_COUNT: usize = MODULES.len() + PROGRAMS.len() + COMMANDS.len();

/// Writes the distribution into the folder `distri` of a test's project, and removes the project.
pub(super) fn distribution(qa: Qa) -> Qa {
    let mut qa = qa.without_project();
    for (path, text) in MODULES {
        qa = qa.file(&format!("distri/tests/{path}.pm"), text);
    }
    for (number, name) in PROGRAMS.iter().enumerate() {
        qa = qa.file(
            &format!("distri/tests/x11/{name}.pm"),
            program(name, number),
        );
    }
    for (number, name) in COMMANDS.iter().enumerate() {
        qa = qa.file(
            &format!("distri/tests/console/{name}.pm"),
            command(name, number),
        );
    }
    for (path, text) in LIBRARY {
        qa = qa.file(&format!("distri/{path}"), text);
    }
    let main = MAIN
        .replace("COMMANDS", &COMMANDS.join(" "))
        .replace("PROGRAMS", &PROGRAMS.join(" "));
    let programs = PROGRAMS.iter().skip(4).take(18);
    for word in NEEDLES.iter().chain(programs) {
        qa = needle(qa, word, &Badge::of(word).needle().to_string(), word);
    }
    let mut beta = Badge::of("welcome-beta").needle();
    beta["properties"] = json!([{"name": "workaround", "value": "bsc#1200001"}]);
    beta["area"][0]["match"] = json!("90");
    qa = needle(
        qa,
        "welcome-beta-20260101",
        &beta.to_string(),
        "welcome-beta",
    );
    let mut about = Badge::of("settings-about").needle();
    about["area"][0]["click_point"] = json!({"xpos": 10.5, "ypos": 4, "id": "about"});
    let clock = json!({"xpos": 40, "ypos": 20, "width": 8, "height": 8, "type": "exclude"});
    about["area"].as_array_mut().unwrap().push(clock);
    qa = needle(qa, "settings/about", &about.to_string(), "settings-about");
    qa.file("distri/main.pm", main)
        .file("distri/schedule/smoke.yaml", SMOKE)
        .file("distri/job_groups/desktop.yaml", DESKTOP_GROUP)
        .file("distri/job_groups/server.yaml", SERVER_GROUP)
        .file("distri/templates.json", dump())
        .file("distri/tests/x11/pythonic.py", "def run(self):\n    pass\n")
}

fn needle(qa: Qa, name: &str, json: &str, word: &str) -> Qa {
    qa.file(&format!("distri/needles/{name}.json"), json).file(
        &format!("distri/needles/{name}.png"),
        Screen::of(word).png(),
    )
}
