trap 'rm -rf -- "$d" "$q"; stty $s' EXIT
trap : INT QUIT
for d in /run /dev/shm /tmp /var/tmp -; do
  d=$d/qas-$1
  mkdir -m 700 "$d" 2>/dev/null && break
done
if [ ! -d "$d" ]; then
  printf '\n%s:%s!\n' $1 $2
  exit
fi
printf "$i" >"$d/i"
sh -c "$r" qa $1 $2 "$u" "$c" <"$d/i" >"$d/o" 2>"$d/e"
x=$?
# Interrupted: what the relay had by then.
for q in /run /dev/shm /tmp /var/tmp -; do
  q=$q/qa-$1
  [ -d "$q" ] || continue
  cat "$q"/o.1* >"$d/o" 2>/dev/null
  cat "$q"/e.1* >"$d/e" 2>/dev/null
  break
done
part() {
  if [ $2 -gt 131072 ]; then
    head -c 65536 "$1"
    tail -c 65536 "$1"
  else
    cat "$1"
  fi
}
o=$(($(wc -c <"$d/o")))
e=$(($(wc -c <"$d/e")))
{
  part "$d/o" $o
  part "$d/e" $e
} >"$d/a"
k=$(cksum <"$d/a")
if command -v base64 >/dev/null; then
  f=b
  pack() { base64; }
else
  f=x
  pack() { od -An -v -tx1; }
fi
while :; do
  printf '\n%s:%s<\n' $1 $2
  n=0
  pack <"$d/a" | while IFS= read -r l; do
    n=$((n + 1))
    printf '%s<%s>%s\n' $n "$l" $n
  done
  printf '\n%s:%s>%s %s %s %s %s\n' $1 $2 $f $x $o $e "$k"
  IFS= read -r l || break
  [ "$l" = ok ] && break
done
printf '\n%s:%s$\n' $1 $2
