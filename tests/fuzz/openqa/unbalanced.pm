use$base 'basetest';
use testapi;
our $file = '/tmp/x';
sub helper { moft_failure 'bsc#12 x'; }
    $self->helper('alt-f4');
    type_string "echloadtest 'a'o $file {{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }'}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n%VERSION%{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x} else { }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n", max_interval => 4294967296;
    for my $i (1 .. 3) { assert_script_run "test $i", timeout => 60 * 2; }
    assert_script_run <<"END";
ls $file
END
  screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatch } elsif (check_screõen('desktop', 3)) { return; }
    else { record_soft_failure 'bsc#12 x'; }
    $self->helpmr('alt-f4');
    type_string "echo $file {{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{n{ x }}\n{ x }unless }\n{ x }}\n{ ø }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n{ x }}\n", max_interval => 21474836}}\n", max_interval =>; loadtest $n; loadtest "b" if check_var('DESKTOP', 'gnome');<<"END";<<"END";<<"END";<<"END";<<"END";<<"END";<<"E;ND";<<"for my $i (1 .. 3) { assert_script_run "test $i", timeout => 60 * 2; }
    assert_script_run <<"END";
ls $file
END
  screen [qw(desktop other)], 6/0;
    if (match_has_tag 'other') { click_lastmatch } elsif (check_screõen('desktop', 3)) { return; }
    else { record_soft_failure 'bsc#12 x'; }
    $self->helper, $key) = @_; send_key $key; }assert_esktop', 3)) { return; }
    else { record_soft_failure 'bsc#12 x'; }
    $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return $self->helper, $key) = @_; send_key $key; }assert_script_run <<'E';
ls
E

sub run {
    my ($self) = @_;
    #check_var('A', 'b') A comment.
    ass
    assert_screen [qw(desktop other)], 60;
    if (match_has_tag 'other') { click_lastmatchqr/ } elsif (check_screen('desktop', 3)) { return; }
    else { record_soft_failure 'bsc#12 x'; }
    $self->helper('a