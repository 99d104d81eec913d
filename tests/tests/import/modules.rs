//! The modules that are written by hand.

pub(super) const BOOTLOADER: &str = r#"# Summary: The boot loader starts the installer
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

pub(super) const WELCOME: &str = r#"# Summary: The installer asks for language and licence
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

pub(super) const PARTITIONING: &str = r#"use base 'installbasetest';
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

pub(super) const START_INSTALL: &str = r#"use base 'installbasetest';
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

pub(super) const FIRST_BOOT: &str = r#"use base 'opensusebasetest';
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

pub(super) const CONSOLE_SETUP: &str = r#"use base 'consoletest';
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

pub(super) const JOURNAL: &str = r#"use base 'consoletest';
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

pub(super) const NETWORK: &str = r#"use base 'consoletest';
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

pub(super) const PACKAGES: &str = r#"use base 'consoletest';
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

pub(super) const LOGIN: &str = r#"# Summary: A user logs in to the desktop
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

pub(super) const SETTINGS: &str = r#"use base 'x11test';
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

pub(super) const SHUTDOWN: &str = r#"use base 'opensusebasetest';
use testapi;

sub run {
    select_console 'root-console';
    type_string "poweroff\n";
    assert_shutdown 120;
}

1;
"#;
