# qa: reads a piece of a file in the guest.
# $t: the file; $n: the number of bytes before the piece; $c: the size of the piece; $s: not empty for the checksum of
# at most $c bytes and the line of the file in a list.
LC_ALL=C
export LC_ALL
w=$(ls -Ld -- "$t" 2>&1) || {
  printf '%s\n' "$w" >&2
  case $w in *"No such file or directory"*) exit 44 ;; esac
  exit 1
}
if [ ! -f "$t" ]; then
  echo "it is no regular file" >&2
  exit 1
fi
true <"$t" || exit 1
if [ "$s" ]; then
  head -c "$c" <"$t" | cksum && ls -Lnd -- "$t"
elif [ "$n" -eq 0 ]; then
  head -c "$c" <"$t"
else
  tail -c "+$((n + 1))" <"$t" 2>/dev/null | head -c "$c"
fi
