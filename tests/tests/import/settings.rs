//! What is not a module: the schedules, job groups and libraries.

pub(super) const MAIN: &str = r#"use strict;
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

pub(super) const DESKTOP_GROUP: &str = r#".common: &common
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

pub(super) const SERVER_GROUP: &str = r#"defaults:
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

pub(super) const SMOKE: &str = r#"name: smoke
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

pub(super) const LIBRARY: &[(&str, &str)] = &[
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
pub(super) const NEEDLES: [&str; 20] = [
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
