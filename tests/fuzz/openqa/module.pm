use base 'basetest';
use testapi;
our $file = '/tmp/x';
sub helper { my ($self, $key) = @_; send_key $key; }
sub run {
    my ($self) = @_;
    # A comment.
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatch } elsif (check_screen('desktop', 3)) { return; }
    else { record_soft_failure 'bsc#12 x'; }
    $self->helper('alt-f4');
    type_string "echo $file {{ x }}\n", max_interval => 30;
    for my $i (1 .. 3) { assert_script_run "test $i", timeout => 60 * 2; }
    assert_script_run <<"END";
ls $file
END
    my $out = script_output q(cat /etc/os-release);
    die "no: $out" unless $out =~ /ID="?x"?$/m;
    wait_screen_change { send_key 'tab' };
    my %h = map { $_ => 1 } grep { /x/ } split(/,/, get_var('LIST', 'a,b'));
    while (1) { last if script_run('false') != 0; }
    send_key_until_needlematch 'desktop', 'down', 5, 2;
    $out .= "more" if get_var('MORE') && !check_var('A', 'b');
    wait_serial([qr/a|b/i, 'c'], 30) || die;
    select_console 'root-console';
    power('off'); assert_shutdown;
}
sub post_fail_hook { upload_logs '/var/log/x' }
sub test_flags { return {fatal => 1, milestone => 1}; }
1;
