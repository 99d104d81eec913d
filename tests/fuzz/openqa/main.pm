use testapi;
use autotest;
sub load_all { my $n = 'a'; loadtest $n; loadtest "b" if check_var('DESKTOP', 'gnome'); load_all(); }
load_all;
loadtest "$_" for qw(a b);
if (unknown()) { loadtest 'b' }
1;
