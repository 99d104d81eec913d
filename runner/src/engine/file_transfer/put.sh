# qa: writes a piece of a file in the guest.
# $t: the file; $m: its mode, or nothing; $f, $l: not empty for the first and the last piece; $p: not empty for a piece
# in base64.
LC_ALL=C
export LC_ALL
if [ "$f" ]; then
  if [ -e "$t" ] && [ ! -f "$t" ]; then
    echo "it exists, and is no regular file" >&2
    exit 1
  fi
  umask 022
  [ -z "$m" ] || umask 077
  true >"$t" || exit 1
  # Until it is complete, only its owner can read it.
  [ -z "$m" ] || chmod u=rw,go= "$t" || exit 1
  ! echo aGk= | base64 -d >/dev/null 2>&1 || echo base64
fi
if [ "$p" ]; then base64 -d; else cat; fi >>"$t" || exit 1
[ "$l" ] || exit 0
[ -z "$m" ] || chmod "$m" "$t" || exit 1
cksum <"$t"
